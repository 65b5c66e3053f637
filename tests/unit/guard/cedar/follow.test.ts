import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEFAULT_CONFIG, silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { createGuard, openPolicies, type PoliciesOptions } from '../../../../src/guard/index.ts'
import { openMemoryStore } from '../../../../src/store/index.ts'
import { anAction, SCHEMA, withFolder } from './an-action.ts'

const FORBID = '@id("no") forbid (principal, action, resource);'
const PERMIT = '@id("yes") permit (principal, action, resource);'
const BROKEN = 'permit (principal, action == Action::"payment.craete", resource);'

async function opened(path: string, change: Partial<PoliciesOptions> = {}) {
  const folders = [{ path, name: 'policies', isRequired: false }]
  const policies = await openPolicies({ folders, schema: SCHEMA, logger: silentLogger, everyMs: 60_000, ...change })
  onTestFinished(() => policies.close())
  const decide = async () => (await createGuard(DEFAULT_CONFIG.policy, [], policies).judge(anAction())).decision
  return { policies, decide }
}

describe('policies of a home', () => {
  it('hold as soon as their file is written, without a call', () =>
    withFolder({}, async (folder) => {
      const { decide } = await opened(folder, { everyMs: 20 })
      expect(await decide()).toBe('ask')

      await writeFile(join(folder, 'a.cedar'), FORBID)

      await vi.waitFor(async () => expect(await decide()).toBe('deny'), { timeout: 5_000 })
    }))

  it('have a digest that moves with them and with nothing else', () =>
    withFolder({ 'a.cedar': FORBID }, async (folder) => {
      const { policies } = await opened(folder)
      const guard = createGuard(DEFAULT_CONFIG.policy, [], policies)
      const before = guard.digest
      await policies.refresh()
      expect(guard.digest).toBe(before)

      await writeFile(join(folder, 'a.cedar'), PERMIT)
      await policies.refresh()

      expect(guard.digest).not.toBe(before)
    }))

  it('stay the last good ones while a file is wrong, and tell of it', () =>
    withFolder({ 'a.cedar': FORBID }, async (folder) => {
      const logged = vi.fn()
      const { policies, decide } = await opened(folder, { logger: { ...silentLogger, error: logged } })

      await writeFile(join(folder, 'a.cedar'), BROKEN)
      await policies.refresh()

      expect(await decide()).toBe('deny')
      expect(policies.fault?.message).toContain('policies/a.cedar:1')
      expect(policies.fault?.hint).toBe('Did you mean `payment.create`?')
      expect(logged).toHaveBeenCalledTimes(1)
    }))

  it('hold again once the file is put right', () =>
    withFolder({ 'a.cedar': FORBID }, async (folder) => {
      const { policies, decide } = await opened(folder)
      await writeFile(join(folder, 'a.cedar'), BROKEN)
      await policies.refresh()

      await writeFile(join(folder, 'a.cedar'), PERMIT)
      await policies.refresh()

      expect(await decide()).toBe('allow')
      expect(policies.fault).toBeUndefined()
    }))

  it('that are wrong from the start allow nothing, not even a read', () =>
    withFolder({ 'a.cedar': PERMIT, 'b.cedar': BROKEN }, async (folder) => {
      const { policies } = await opened(folder)
      const verdict = await createGuard(DEFAULT_CONFIG.policy, [], policies).judge(
        anAction({ operation: 'message.list' }),
      )

      expect(verdict).toMatchObject({
        decision: 'deny',
        reasons: [{ rule: 'policy/broken', text: expect.stringContaining('policies/b.cedar:1') }],
      })
      expect(policies.current).toBeUndefined()
      expect(policies.explain(anAction())).toEqual([])
    }))

  it('do not end with the folder that held them', () =>
    withFolder({}, async (folder) => {
      const inner = join(folder, 'policies')
      await mkdir(inner)
      await writeFile(join(inner, 'a.cedar'), FORBID)
      const { policies, decide } = await opened(inner)

      await rm(inner, { recursive: true })
      await policies.refresh()

      expect(await decide()).toBe('deny')
      expect(policies.fault?.message).toContain('ENOENT')
    }))

  it('end one by one with their files', () =>
    withFolder({ 'a.cedar': FORBID }, async (folder) => {
      const { policies, decide } = await opened(folder)

      await rm(join(folder, 'a.cedar'))
      await policies.refresh()

      expect(await decide()).toBe('ask')
      expect(policies.fault).toBeUndefined()
    }))

  it('are none where there is no folder, unless one is required', () =>
    withFolder({}, async (folder) => {
      const missing = join(folder, 'missing')
      expect(await (await opened(missing)).decide()).toBe('ask')

      const folders = [{ path: missing, name: 'shipped', isRequired: true }]
      expect(await (await opened(missing, { folders })).decide()).toBe('deny')
    }))

  it('are refused a file that is a folder', () =>
    withFolder({}, async (folder) => {
      await mkdir(join(folder, 'a.cedar'))

      const { policies } = await opened(folder)

      expect(policies.fault?.message).toBe('policies/a.cedar: cannot be read (EISDIR)')
    }))

  it('are held to the groups of approvers as they are now', () =>
    withFolder({ 'a.cedar': '@ask("finance") forbid (principal, action, resource);' }, async (folder) => {
      let groups = ['finance']
      const { policies } = await opened(folder, { groups: () => groups })
      expect(policies.fault).toBeUndefined()

      groups = ['ops']
      await policies.refresh()

      expect(policies.fault?.message).toContain('config.yaml has no group finance')
    }))
})

describe('compiled policies', () => {
  it('are kept, so that a process which evaluates nothing does not load the engine', () =>
    withFolder({ 'a.cedar': `${FORBID.replace(';', ' when { context.session.private };')}` }, async (folder) => {
      const kept = { store: await openMemoryStore(), clock: systemClock }
      await opened(folder, { kept })

      vi.resetModules()
      const engine = await import('../../../../src/guard/cedar/engine.ts')
      const fresh = await import('../../../../src/guard/cedar/load.ts')
      const set = await fresh.loadPolicies({
        schema: SCHEMA,
        kept,
        folders: [{ path: folder, name: 'policies', isRequired: true }],
      })

      expect(await set.findings(anAction())).toEqual({ forbids: [], permits: [] })
      expect(engine.isCedarLoaded()).toBe(false)
      const isPrivate = { ...anAction().sessionFacts, private: true }
      expect((await set.findings(anAction({ sessionFacts: isPrivate }))).forbids).toHaveLength(1)
      expect(engine.isCedarLoaded()).toBe(true)
    }))

  it('are kept for the last few sets only', () =>
    withFolder({}, async (folder) => {
      const store = await openMemoryStore()
      const { policies } = await opened(folder, { kept: { store, clock: systemClock } })

      for (let size = 1; size <= 7; size += 1) {
        await writeFile(join(folder, 'a.cedar'), FORBID.replace('"no"', `"no${size}"`))
        await policies.refresh()
      }

      expect((await store.range('policy-compiled/')).length).toBe(4)
    }))

  it('hold also where the store cannot be written', () =>
    withFolder({ 'a.cedar': FORBID }, async (folder) => {
      const store = await openMemoryStore()
      await store.close()

      const { decide } = await opened(folder, { kept: { store, clock: systemClock } })

      expect(await decide()).toBe('deny')
    }))
})
