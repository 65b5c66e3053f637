// A home and what may be wrong with it: one clear error each, and nothing half written.
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { describe, expect, it } from 'vitest'
import { openFabric } from '../../../src/fabric/index.ts'
import { keyOf, prefixOf, type Write } from '../../../src/store/index.ts'
import { afterwards, failureOf, openStudio, PERSON, temporaryFolder, withStore } from './rig.ts'

const open = (home: string) => openFabric({ home, actor: PERSON, env: {} })

describe('a home', () => {
  it('is made where there is none, and opened again', async () => {
    const home = join(temporaryFolder(), 'new')

    const first = await open(home)
    await first.close()
    const second = await open(home)
    await second.close()

    expect(first.home).toBe(home)
    expect(readdirSync(home)).toEqual(expect.arrayContaining(['fabric.db', 'keys', 'providers']))
  })

  it('forgets once a day which blockers were resolved and which approvals expired long ago', async () => {
    const home = temporaryFolder()
    await (await open(home)).close()
    const old = '2020-01-01T00:00:00.000Z'
    const now = new Date().toISOString()
    const resolved = (task: string, at: string) => ({
      ...{ id: `${task}/1/x`, task, token: 1, type: 'x', kind: 'k', swarm: 's', description: '', severity: 'low' },
      ...{ needs: [], blockedAt: at, openedAt: at, asked: [], state: 'resolved', at, by: PERSON, how: 'person' },
    })
    const asked = (plan: string, expiresAt: string) => ({
      ...{ plan, state: 'waiting', requestedBy: PERSON, requestedAt: expiresAt, expiresAt, summary: '' },
    })
    const records = {
      [keyOf('escalation', 'a', '1', 'x')]: resolved('a', old),
      [keyOf('escalation', 'b', '1', 'x')]: resolved('b', now),
      [keyOf('approval', 'a'.repeat(64))]: asked('a'.repeat(64), old),
      [keyOf('approval', 'b'.repeat(64))]: asked('b'.repeat(64), now),
    }
    await withStore(home, async (store) => {
      const writes = Object.entries(records).map(([key, value]): Write => ({ key, value, expect: 'absent' }))
      await store.commit([...writes, { key: keyOf('swept'), value: undefined, expect: 'any' }])
    })

    await (await open(home)).close()

    const left = await withStore(home, async (store) => {
      const entries = await Promise.all([store.range(prefixOf('escalation')), store.range(prefixOf('approval'))])
      return entries.flat().map(({ key }) => key)
    })
    expect(left).toEqual([keyOf('escalation', 'b', '1', 'x'), keyOf('approval', 'b'.repeat(64))])
  })

  it('with a wrong line in its config.yaml is refused with that line', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'config.yaml'), 'version: 1\nbudgets:\n  - {name: a, limit: lots}\n')

    expect(await failureOf(open(home))).toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('config.yaml:3 budgets[0].limit'),
    })
    expect(existsSync(join(home, 'fabric.db'))).toBe(false)
  })

  it('whose database a newer InfraFabric wrote is refused and left alone', async () => {
    const home = temporaryFolder()
    await (await open(home)).close()
    const database = new Database(join(home, 'fabric.db'))
    database.exec("UPDATE meta SET value = '99' WHERE name = 'schema.version'")
    database.close()

    expect((await failureOf(open(home))).code).toBe('IF_ERR_STORE_TOO_NEW')
  })

  it('whose database is no database is refused', async () => {
    const home = temporaryFolder()
    writeFileSync(
      join(home, 'fabric.db'),
      'not a database, and long enough to be looked at by SQLite as one'.repeat(20),
    )

    expect((await failureOf(open(home))).code).toBe('IF_ERR_STORE_UNAVAILABLE')
  })

  it('below a file can not be made', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')

    expect((await failureOf(open(join(folder, 'file', 'home')))).code).toBe('IF_ERR_HOME_UNUSABLE')
  })

  it('below a folder that takes no folders is refused and never waited for', async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs /proc')

    expect((await failureOf(open('/proc/infrafabric/home'))).code).toBe('IF_ERR_HOME_UNUSABLE')
  })

  it('that can not be written is refused', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may write everywhere')
    const home = temporaryFolder()
    chmodSync(home, 0o500)
    afterwards(() => chmodSync(home, 0o700))

    expect((await failureOf(open(home))).code).toBe('IF_ERR_HOME_UNUSABLE')
  })
})

describe('the doctor', () => {
  it('finds a fresh home well', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })

    const checks = await fabric.doctor()

    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(checks.map((check) => check.name)).toEqual(
      expect.arrayContaining(['node', 'home', 'disk', 'store', 'witness', 'manifests', 'instances', 'telemetry']),
    )
  })

  it('finds a home that others can read, and a broken instance, and says what to do', async () => {
    const { fabric, home } = await openStudio({ providers: [] })
    chmodSync(home, 0o755)
    writeFileSync(join(home, 'providers', 'a.yaml'), 'version: 7\n')

    const wrong = (await fabric.doctor()).filter((check) => !check.ok)

    expect(wrong).toEqual([
      expect.objectContaining({ name: 'home', next: `chmod 700 ${home}` }),
      expect.objectContaining({ name: 'instances', text: expect.stringContaining('a.yaml:1 version') }),
    ])
  })

  it('tells that there is nothing yet', async () => {
    const { fabric } = await openStudio({ providers: [] })

    expect((await fabric.doctor()).find((check) => check.name === 'instances')).toMatchObject({
      ok: true,
      text: 'none yet',
    })
  })
})

describe('the log', () => {
  it('is read from, up to, backwards and of one run, and verifies', async () => {
    const { fabric } = await openStudio({ providers: ['slack'] })
    const say = { instance: 'slack', operation: 'message.send', input: { to: '#studio', text: 'hi' } }
    const run = await fabric.apply(await fabric.plan(say))
    const entries = async (options: Parameters<typeof fabric.witnessEntries>[0]) => {
      const found: unknown[] = []
      for await (const entry of fabric.witnessEntries(options)) found.push(entry.kind)
      return found
    }

    const all = await entries({})

    expect(all).toEqual(['instance.add', 'run.start', 'step.begin', 'step.end', 'step.verify', 'run.end'])
    expect(await entries({ reverse: true, limit: 2 })).toEqual(['run.end', 'step.verify'])
    expect(await entries({ from: 4 })).toEqual(all.slice(4))
    expect(await entries({ run: run.id })).toEqual(all.slice(1))
    expect(await fabric.verifyWitness()).toMatchObject({
      ok: true,
      size: all.length,
      problems: [],
      origin: expect.any(String),
    })
  })

  it('holds no secret of any instance, and neither does the database', async () => {
    const { fabric, home, twins } = await openStudio()
    await Promise.all(['stripe', 'slack', 'home-assistant'].map((name) => fabric.testInstance(name)))
    let text = ''
    for await (const entry of fabric.witnessEntries()) text += JSON.stringify(entry)
    for (const file of readdirSync(home))
      if (file.startsWith('fabric.db')) text += readFileSync(join(home, file), 'latin1')

    for (const { secrets } of twins()) for (const secret of Object.values(secrets)) expect(text).not.toContain(secret)
  })
})

it('budgets show when they begin anew', async () => {
  const { fabric } = await openStudio({
    providers: [],
    config:
      'version: 1\nbudgets:\n  - {name: d, limit: 1 USD}\n  - {name: m, limit: 2 USD, per: month}\n  - {name: t, limit: 3 USD, per: total}\n',
  })

  const budgets = await fabric.budgets()

  expect(budgets.map(({ name, per, limitUsd }) => [name, per, limitUsd])).toEqual([
    ['d', 'day', 1],
    ['m', 'month', 2],
    ['t', 'total', 3],
    ['spent', 'month', null],
  ])
  expect(budgets[0]?.resetsAt).toMatch(/T00:00:00\.000Z$/)
  expect(budgets[1]?.resetsAt).toMatch(/-01T00:00:00\.000Z$/)
  expect(budgets[2]?.resetsAt).toBeNull()
})
