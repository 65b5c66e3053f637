import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_PAYLOAD_BYTES, type TaskInput } from '../../../src/coordinator/index.ts'
import { checkResult, checkTask, taskInputSchema } from '../../../src/coordinator/task-input.ts'

const AT = '2026-03-01T12:00:00.000Z'
const invalid = (message: RegExp) =>
  expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', message: expect.stringMatching(message) })

describe('the input of a task', () => {
  it('needs only a kind; everything else has a default that is left out of the record', () => {
    const { spec } = checkTask({ kind: 'invoice' }, AT)

    expect(spec).toEqual({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      kind: 'invoice',
      swarm: 'default',
      enqueuedAt: AT,
    })
  })

  it('brings dates to UTC and capabilities into one order, each once', () => {
    const { spec } = checkTask(
      {
        kind: 'invoice',
        id: 'one',
        capabilities: ['b:c', 'a:b', 'b:c'],
        after: ['zero', 'zero'],
        notBefore: '2026-03-01T14:00:00+01:00',
        deadline: '2026-03-02T00:00:00Z',
        priority: 7,
        attempts: 1,
        backoff: { firstMs: 5 },
        payload: { order: 7 },
      },
      AT,
    )

    expect(spec).toMatchObject({
      id: 'one',
      isNamed: true,
      capabilities: ['a:b', 'b:c'],
      after: ['zero'],
      notBefore: '2026-03-01T13:00:00.000Z',
      deadline: '2026-03-02T00:00:00.000Z',
      priority: 7,
      attempts: 1,
      backoff: { firstMs: 5, factor: 2, maxMs: 60_000 },
      payload: { order: 7 },
    })
  })

  it.each<[string, unknown, RegExp]>([
    ['no kind', {}, /kind/],
    ['an id with a slash', { kind: 'k', id: 'a/b' }, /id: expected letters/],
    ['an id that begins with a dot', { kind: 'k', id: '.a' }, /id: expected letters/],
    ['an id of 129 characters', { kind: 'k', id: 'a'.repeat(129) }, /id: expected letters/],
    ['a capability in capitals', { kind: 'k', capabilities: ['A:b'] }, /capabilities/],
    ['a needed wildcard', { kind: 'k', capabilities: ['a:*'] }, /without a wildcard/],
    ['65 capabilities', { kind: 'k', capabilities: Array.from({ length: 65 }, (_, at) => `a:b${at}`) }, /capabilities/],
    ['a field that nobody knows', { kind: 'k', prio: 3 }, /prio/],
    ['a priority of a half', { kind: 'k', priority: 0.5 }, /priority/],
    ['no attempts', { kind: 'k', attempts: 0 }, /attempts/],
    ['a date that is none', { kind: 'k', notBefore: 'tomorrow' }, /notBefore/],
    ['a shrinking backoff', { kind: 'k', backoff: { factor: 0.5 } }, /backoff/],
    ['a payload that is a function', { kind: 'k', payload: () => 1 }, /payload has no JSON form/],
    ['a payload with a bigint', { kind: 'k', payload: 1n }, /payload has no JSON form/],
    ['something that is no object', 'k', /task/],
  ])('is refused with %s', (_, input, message) => {
    expect(() => checkTask(input as TaskInput, AT)).toThrow(invalid(message))
  })

  it('gives a large payload a key of its own, which two tasks of one name never share', () => {
    const large = { kind: 'k', payload: 'x'.repeat(100_000) }

    const { spec } = checkTask(large, AT)
    const [one, two] = [1, 2].map(() => checkTask({ ...large, id: 'one' }, AT).spec)

    expect(spec.payload).toBeUndefined()
    expect(spec.payloadKey).toBe(spec.id)
    expect(one?.payloadKey).toMatch(/^one~/)
    expect(one?.payloadKey).not.toBe(two?.payloadKey)
  })

  it('is refused when the task waits for itself', () => {
    expect(() => checkTask({ kind: 'k', id: 'a', after: ['a'] }, AT)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_REFERENCE' }),
    )
  })

  it('may have 256 KiB of payload, and not a byte more', () => {
    const most = 'x'.repeat(MAX_PAYLOAD_BYTES - 2)

    expect(checkTask({ kind: 'k', payload: most }, AT).payload).toHaveLength(MAX_PAYLOAD_BYTES)
    expect(() => checkTask({ kind: 'k', payload: `${most}x` }, AT)).toThrow(
      invalid(/262145 bytes of JSON, 262144 at most/),
    )
  })

  it('counts bytes and not characters', () => {
    expect(() => checkTask({ kind: 'k', payload: 'ä'.repeat(MAX_PAYLOAD_BYTES / 2) }, AT)).toThrow(
      invalid(/bytes of JSON/),
    )
  })
})

describe('the short way for plain tasks', () => {
  const odd = fc.oneof(fc.constant(undefined), fc.anything())
  const input = fc.record(
    {
      kind: fc.oneof(fc.constantFrom('k', 'invoice', 'a/b', '', 'x'.repeat(129)), odd),
      swarm: fc.oneof(fc.constantFrom('s', 'a b', '-x'), odd),
      priority: fc.oneof(fc.integer({ min: -1001, max: 1001 }), odd),
      payload: fc.jsonValue({ maxDepth: 4 }),
    },
    { requiredKeys: [] },
  )

  it('takes and refuses what the schema does', () => {
    fc.assert(
      fc.property(input, (task) => {
        const isRight = taskInputSchema.safeParse(task).success
        const check = () => checkTask(task as TaskInput, AT)
        if (!isRight) expect(check).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
        else {
          const { id: _plain, payload, ...plain } = check().spec
          const {
            id: _whole,
            isNamed: _named,
            payload: same,
            ...whole
          } = checkTask({ ...(task as TaskInput), id: 'chosen' }, AT).spec
          expect(plain).toEqual(whole)
          expect(payload).toEqual(same)
        }
      }),
    )
  })
})

describe('what is nested', () => {
  const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

  it('is taken up to 200 levels, and brackets in strings are none', () => {
    expect(checkResult(nested(200))).toEqual(nested(200))
    expect(checkResult(`"\\"${'['.repeat(900)}`)).toHaveLength(903)
    expect(() => checkResult(nested(201))).toThrow(invalid(/more than 200 levels deep/))
  })
})

describe('a result', () => {
  it('is null where there is none, and otherwise a copy', () => {
    const mine = { list: [1] }

    const kept = checkResult(mine)
    mine.list.push(2)

    expect(kept).toEqual({ list: [1] })
    expect(checkResult(undefined)).toBeNull()
    expect(checkResult(null)).toBeNull()
  })

  it('has the limit of a payload', () => {
    expect(() => checkResult('x'.repeat(MAX_PAYLOAD_BYTES))).toThrow(invalid(/result has/))
  })
})
