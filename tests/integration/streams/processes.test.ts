// Streams in processes of their own: killed in the middle of one, and a thousand at once.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../../unit/adapter/fixtures/server.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'
import { afterwards, temporaryFolder } from '../fabric/rig.ts'
import { begin, openWithTalker, TALK } from './rig.ts'

const INTENT = { instance: 'talker', operation: 'completion.create', input: TALK }

let talker: ChildProgram
let many: ChildProgram
beforeAll(async () => {
  talker = await buildChild(new URL('./talker-child.ts', import.meta.url))
  many = await buildChild(new URL('./many-child.ts', import.meta.url))
})
afterAll(() => {
  talker.remove()
  many.remove()
})

describe('a process that is killed while its answer streams', () => {
  it('leaves a step that nobody repeats: a person says what became of it', async () => {
    const server = await serve((_seen, response) => begin(response, { text: 'Hel' }))
    afterwards(() => server.close())
    const home = temporaryFolder()
    const fabric = await openWithTalker(home, { origin: server.origin, leaseMs: 500 })
    afterwards(() => fabric.close())
    const plan = await fabric.plan(INTENT)

    const child = talker.start(home, 'apply', plan.digest)
    expect(await child.line()).toBe('piece Hel')
    await child.kill()
    const [begun] = await fabric.runs()
    const run = await fabric.resume(begun?.id ?? '')
    const settled = await fabric.settle(run.id, 'step', 'done', { why: 'seen at Talker' })

    expect(run).toMatchObject({ state: 'unknown', record: { error: { code: 'IF_ERR_OUTCOME_UNKNOWN' } } })
    expect(server.seen).toHaveLength(1)
    expect(settled.state).toBe('done')
    expect((await fabric.touched()).untrusted).toMatchObject([{ operation: 'completion.create' }])
  })
})

describe('a thousand streams at once', () => {
  it('in one process take less than 300 MB, and each comes whole', async () => {
    const open = new Set<ServerResponse>()
    const count = 1_000
    const server = await serve((_seen, response) => {
      begin(response, { text: 'one' })
      open.add(response)
      if (open.size < count) return
      // All are open: now each gets the rest.
      for (const waiting of open) {
        finish(waiting)
      }
    })
    afterwards(() => server.close())

    const child = many.start(server.origin, String(count))
    const { whole, pieces, megabytes } = JSON.parse((await child.line()) ?? '{}') as Record<string, number>

    expect({ whole, pieces }).toEqual({ whole: count, pieces: 4 * count })
    expect(megabytes).toBeLessThan(300)
  })
})

function finish(response: ServerResponse): void {
  for (const text of ['two', 'three', 'four']) response.write(`data: ${JSON.stringify({ text })}\n\n`)
  response.end('data: [DONE]\n\n')
}
