import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultDice } from '../../../src/twin/fault-dice.ts'
import { formatFault, type InjectedFault, parseFault } from '../../../src/twin/index.ts'

describe('parseFault', () => {
  it.each<[string, InjectedFault]>([
    ['payment.create:503@0.3', { operation: 'payment.create', probability: 0.3, kind: 'status', status: 503 }],
    ['*:429;retry-after=2', { operation: '*', probability: 1, kind: 'status', status: 429, retryAfterSeconds: 2 }],
    ['message.send:drop', { operation: 'message.send', probability: 1, kind: 'drop' }],
    ['message.send:drop-after@.5', { operation: 'message.send', probability: 0.5, kind: 'drop-after' }],
    ['*:garbage@1', { operation: '*', probability: 1, kind: 'garbage' }],
    ['*:latency=200ms', { operation: '*', probability: 1, kind: 'latency', minMs: 200, maxMs: 200 }],
    ['*:latency=50ms-2s', { operation: '*', probability: 1, kind: 'latency', minMs: 50, maxMs: 2000 }],
    [
      'stripe:customer.delete:404',
      { operation: 'stripe:customer.delete', probability: 1, kind: 'status', status: 404 },
    ],
  ])('reads %s', (text, fault) => {
    expect(parseFault(text)).toEqual(fault)
  })

  it.each([
    ['', 'expected OPERATION:WHAT'],
    ['payment.create', 'expected OPERATION:WHAT'],
    [':503', 'expected OPERATION:WHAT'],
    ['payment.create:', '"" is no fault'],
    ['payment.create:explode', '"explode" is no fault'],
    ['payment.create:200', '200 is no failure'],
    ['payment.create:600', '600 is no failure'],
    ['payment.create:5030', '"5030" is no fault'],
    ['payment.create:429;retry-after=soon', 'is no fault'],
    ['payment.create:503@0', 'the probability "0" is not a number above 0'],
    ['payment.create:503@2', 'the probability "2"'],
    ['payment.create:503@', 'the probability ""'],
    ['payment.create:503@often', 'the probability "often"'],
    ['*:latency=fast', '"fast" is no latency'],
    ['*:latency=1ms-2ms-3ms', 'is no latency'],
    ['*:latency=2s-1s', 'ends before it begins'],
  ])('refuses %j and says why', (text, problem) => {
    expect(() => parseFault(text)).toThrow(problem)
  })

  it('tells with a refusal how faults look', () => {
    expect(() => parseFault('nonsense')).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_INVALID_INPUT',
        hint: expect.stringContaining('payment.create:503@0.3'),
      }),
    )
  })

  it('reads back every fault that it prints', () => {
    const kind = fc.oneof(
      fc.record({ kind: fc.constant('status' as const), status: fc.integer({ min: 400, max: 599 }) }),
      fc.record({
        kind: fc.constant('status' as const),
        status: fc.constant(429),
        retryAfterSeconds: fc.integer({ min: 0, max: 9999 }),
      }),
      fc
        .constantFrom<'drop' | 'drop-after' | 'garbage'>('drop', 'drop-after', 'garbage')
        .map((name) => ({ kind: name })),
      fc
        .tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 }))
        .map(([from, more]) => ({ kind: 'latency' as const, minMs: from, maxMs: from + more })),
    )
    const operation = fc.constantFrom('*', 'payment.create', 'stripe:customer.delete')
    const probability = fc.integer({ min: 1, max: 1000 }).map((thousandth) => thousandth / 1000)
    fc.assert(
      fc.property(operation, probability, kind, (name, chance, what) => {
        const fault: InjectedFault = { operation: name, probability: chance, ...what }

        expect(parseFault(formatFault(fault))).toEqual(fault)
      }),
    )
  })
})

describe('FaultDice', () => {
  const rolls = (seed: number, faults: string[], count = 200) => {
    const dice = new FaultDice({ known: ['a', 'b'], seed })
    dice.load(faults.map(parseFault))
    return Array.from({ length: count }, () => dice.roll('a'))
  }

  it('strikes about as often as the probability says, and the same calls with the same seed', () => {
    const first = rolls(7, ['a:503@0.3'], 1000)
    const struck = first.filter(({ fault }) => fault).length

    expect(struck).toBeGreaterThan(230)
    expect(struck).toBeLessThan(370)
    expect(rolls(7, ['a:503@0.3'], 1000)).toEqual(first)
    expect(rolls(8, ['a:503@0.3'], 1000)).not.toEqual(first)
  })

  it('leaves other operations alone, but for *', () => {
    expect(rolls(1, ['b:drop'], 1)).toEqual([{ latencyMs: 0, fault: undefined }])
    expect(rolls(1, ['*:drop'], 1)).toMatchObject([{ fault: { kind: 'drop' } }])
  })

  it('adds up waits and lets the first other fault strike', () => {
    const [roll] = rolls(1, ['a:latency=10ms', '*:latency=5ms', 'a:drop', 'a:503'], 1)

    expect(roll).toMatchObject({ latencyMs: 15, fault: { kind: 'drop' } })
  })

  it('spreads a wait over its whole range', () => {
    const waits = rolls(3, ['*:latency=100ms-200ms']).map(({ latencyMs }) => latencyMs)

    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...waits)).toBeLessThanOrEqual(200)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(80)
  })

  it('refuses a fault of an operation that the twin does not have', () => {
    const dice = new FaultDice({ known: ['payment.create'], seed: 1 })

    expect(() => dice.load([parseFault('payment.make:503')])).toThrow(
      expect.objectContaining({ code: 'IF_ERR_UNKNOWN_OPERATION', hint: expect.stringContaining('payment.create') }),
    )
  })
})
