// Streams through a daemon: Talker comes with the package here, all else is as it is.
import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import type { Fabric } from '../../../src/fabric/index.ts'
import { deferred, serve as serveHttp } from '../../unit/adapter/fixtures/server.ts'
import { afterwards, failureOf, holder, owner, serve, temporaryHome } from '../server/rig.ts'
import { begin, TALK, talkerInstance, USAGE } from './rig.ts'

vi.mock('../../../src/fabric/catalogue.ts', async (original) => {
  const { talker, loadTalker } = await import('../../unit/adapter/fixtures/talker.ts')
  return {
    ...(await original<object>()),
    openPackageCatalogue: async () => ({ ids: () => [talker.id], load: async () => loadTalker() }),
  }
})

const INTENT = { instance: 'talker', operation: 'completion.create', input: TALK }

async function openDaemonAt(answer: (response: ServerResponse) => void) {
  const server = await serveHttp((_seen, response) => answer(response))
  afterwards(() => server.close())
  const daemon = await serve(temporaryHome())
  const fabric = await owner(daemon)
  await fabric.addInstance(talkerInstance(server.origin))
  return { daemon, fabric, seen: server.seen }
}

const texts = async (fabric: Fabric): Promise<unknown[]> => {
  const seen: unknown[] = []
  for await (const { text } of fabric.stream(INTENT)) seen.push(text)
  return seen
}

const whole = (response: ServerResponse): void => {
  begin(response, { text: 'Hel' }, { text: 'lo' }, { usage: USAGE }, '[DONE]')
  response.end()
}

describe('a stream through a daemon', () => {
  it('hands out the pieces in order and ends as a run', async () => {
    const { fabric } = await openDaemonAt(whole)

    const stream = fabric.stream(INTENT)
    const seen: unknown[] = []
    for await (const { text } of stream) seen.push(text)

    expect(seen).toEqual(['Hel', 'lo'])
    expect(await stream.run).toMatchObject({ state: 'done', receipts: [{ result: { text: 'Hello' } }] })
  })

  it('that is left is left at the vendor too', async () => {
    const closed = deferred()
    const { fabric } = await openDaemonAt((response) => {
      response.on('close', closed.resolve)
      begin(response, { text: 'Hel' })
    })

    const stream = fabric.stream(INTENT)
    for await (const _piece of stream) break

    await closed.promise
    expect(await stream.run).toMatchObject({ state: 'done', receipts: [{ result: { finishReason: 'aborted' } }] })
  })

  it('whose reader is gone ends with what had come', async () => {
    const closed = deferred()
    const release = deferred()
    const { daemon, fabric } = await openDaemonAt((response) => {
      response.on('close', closed.resolve)
      begin(response, { text: 'Hel' })
      void release.promise.then(() => response.write('data: {"text":"lo"}\n\n'))
    })
    const reader = await owner(daemon)

    for await (const _piece of reader.stream(INTENT)) {
      await reader.close()
      release.resolve()
      break
    }
    await closed.promise

    await expect.poll(async () => (await fabric.runs())[0]?.state).toBe('done')
    expect((await fabric.run('last')).receipts[0]?.result).toMatchObject({ finishReason: 'aborted' })
  })

  it('needs the scope to act', async () => {
    const { daemon, seen } = await openDaemonAt(whole)
    const { fabric: reader } = await holder(daemon, { actor: 'if://agent/reader', scopes: ['read'] })
    const { fabric: agent } = await holder(daemon, { actor: 'if://agent/talks', scopes: ['actions', 'read'] })

    expect(await failureOf(texts(reader))).toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
    expect(seen).toEqual([])
    expect(await texts(agent)).toEqual(['Hel', 'lo'])
  })
})
