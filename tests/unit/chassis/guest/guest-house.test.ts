import { beforeEach, describe, expect, it } from 'vitest'
import type { GuestSource } from '../../../../src/chassis/guest-protocol.ts'
import { GuestDesk, script } from './guest-desk.ts'

let desk: GuestDesk
beforeEach(async () => {
  desk = await GuestDesk.open({ warmInstances: 2 })
})

const counting = (name: string): GuestSource => ({
  kind: 'script',
  script: `let n = 0; export const execute = () => '${name}' + ++n`,
})
const parked = script('return await call(input)')

it('ends every stretch of running with exactly one message', async () => {
  await desk.run({ source: script('await call(1); await call(2); return 3') })
  await desk.run({ source: script('throw 1') })

  expect(desk.sent.map(({ type }) => type)).toEqual(['want', 'parked', 'want', 'parked', 'done', 'failed'])
})

it('answers whether it is alive', async () => {
  await desk.house.receive({ type: 'ping', id: 7 })

  expect(desk.sent).toEqual([{ type: 'pong', id: 7 }])
})

it('keeps source and instance: a later call needs neither', async () => {
  await desk.run({ source: counting('a'), module: 'm' })
  await desk.house.receive({
    type: 'call',
    id: 99,
    module: 'm',
    export: 'execute',
    input: 'null',
    limits: (await import('./guest-desk.ts')).LIMITS,
    time: { kind: 'live' },
    fresh: false,
  })

  expect(desk.endOf(99).output).toBe('a2')
})

it('refuses a module whose code it was never given', async () => {
  const { LIMITS } = await import('./guest-desk.ts')
  const call = { type: 'call', export: 'execute', input: 'null', time: { kind: 'live' }, fresh: false } as const
  await desk.house.receive({ ...call, id: 99, module: 'nobody', limits: LIMITS })

  expect(desk.endOf(99).failure?.message).toMatch('not given to this worker')
})

it('lets the instance go that was used longest ago, and says so', async () => {
  for (const name of ['a', 'b', 'a', 'c']) await desk.run({ source: counting(name), module: name })

  expect(desk.sent.filter(({ type }) => type === 'dropped')).toEqual([{ type: 'dropped', module: 'b' }])
  expect((await desk.run({ source: counting('b'), module: 'b' })).output).toBe('b1')
  expect((await desk.run({ source: counting('c'), module: 'c' })).output).toBe('c2')
})

describe('calls of one module at the same time', () => {
  it('have an instance each while they wait, and share nothing', async () => {
    const source = script('globalThis.mine = input; await call(1); return mine')
    const ids = [await desk.begin({ source, input: 'first' }), await desk.begin({ source, input: 'second' })]

    for (const id of [...ids].reverse())
      await desk.house.receive({ type: 'answer', id, want: 1, answer: { ok: 'null' }, wallMs: 5_000 })

    expect(ids.map((id) => desk.endOf(id).output)).toEqual(['first', 'second'])
  })
})

describe('what nobody waits for', () => {
  it('is not answered: an abandoned call says nothing more', async () => {
    const id = await desk.begin({ source: parked })
    const sent = desk.sent.length

    await desk.house.receive({ type: 'abandon', id })
    await desk.house.receive({ type: 'answer', id, want: 1, answer: { ok: '1' }, wallMs: 5_000 })

    expect(desk.sent).toHaveLength(sent)
  })

  it('is not begun, where it was abandoned while its instance was made', async () => {
    const begun = desk.begin({ source: script('console.log("ran"); return 1') })
    await desk.house.receive({ type: 'abandon', id: 1 })
    await begun

    expect(desk.sent).toEqual([])
  })

  it('may be unknown', async () => {
    await desk.house.receive({ type: 'abandon', id: 5 })
    await desk.house.receive({ type: 'forget', module: 'x' })
    await desk.house.receive({ type: 'answer', id: 5, want: 1, answer: { ok: '1' }, wallMs: 1 })

    expect(desk.sent).toEqual([])
  })

  it('is heard once: a second answer to the same want changes nothing', async () => {
    const id = await desk.begin({ source: script('const a = await call(1); const b = await call(2); return [a, b]') })
    const answer = { type: 'answer', id, answer: { ok: '"first"' }, wallMs: 5_000 } as const

    await desk.house.receive({ ...answer, want: 1 })
    await desk.house.receive({ ...answer, want: 1, answer: { ok: '"again"' } })
    await desk.house.receive({ ...answer, want: 2 })

    expect(desk.endOf(id).output).toEqual(['first', 'first'])
  })
})

describe('a module that is forgotten', () => {
  it('begins anew', async () => {
    await desk.run({ source: counting('a'), module: 'm' })
    await desk.house.receive({ type: 'forget', module: 'm' })

    expect((await desk.run({ source: counting('b'), module: 'm' })).output).toBe('b1')
  })

  it('ends what it has begun, and leaves no instance', async () => {
    const source = script('globalThis.n = (globalThis.n ?? 0) + 1; await call(1); return n')
    const id = await desk.begin({ source, module: 'm' })
    await desk.house.receive({ type: 'forget', module: 'm' })
    await desk.house.receive({ type: 'answer', id, want: 1, answer: { ok: '1' }, wallMs: 5_000 })

    expect(desk.endOf(id).output).toBe(1)
    expect((await desk.run({ source, module: 'm' })).output).toBe(1)
  })
})

it('does not let time run while a call waits, and stops it after that by what is left', async () => {
  const id = await desk.begin({ source: script('await call(1); for (;;);'), limits: { fuel: 1e15, wallMs: 60_000 } })
  await desk.house.receive({ type: 'answer', id, want: 1, answer: { ok: '1' }, wallMs: 20 })

  expect(desk.endOf(id).failure).toMatchObject({ kind: 'limit', limit: 'time' })
})
