import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import { isDeeper, parseFrames } from '../../../src/wire/frames.ts'
import { checkVersions, errorFromWire, errorToWire, METHODS } from '../../../src/wire/index.ts'

describe('a message', () => {
  it.each([
    [{ id: 1, call: 'x', args: [] }],
    [{ id: 1, call: 'x', args: [1], has: ['signal'], more: 5, quiet: true, of: 2 }],
    [{ id: 1, ok: null }],
    [{ id: 1, end: true, spans: [] }],
    [{ id: 1, error: {} }],
    [{ id: 1, part: [] }],
    [{ id: 1, item: undefined, end: true }],
    [{ id: 1, tell: 'x', args: [] }],
    [{ id: 1, abort: 'stop' }],
    [{ id: 1, more: 3 }],
    [{ error: {} }],
  ])('of %j is read', (frame) => {
    expect(parseFrames(JSON.stringify([frame]))).toHaveLength(1)
  })

  it.each([
    ['', 'not JSON'],
    ['{}', 'not an array'],
    ['[1]', 'no frame'],
    ['[null]', 'no frame'],
    ['[[]]', 'no frame'],
    ['[{}]', 'no frame'],
    ['[{"id":1.5,"ok":1}]', 'no frame'],
    ['[{"id":-1,"ok":1}]', 'no frame'],
    ['[{"id":1}]', 'no frame'],
    ['[{"id":1,"call":"x"}]', 'no frame'],
    ['[{"id":1,"call":1,"args":[]}]', 'no frame'],
    ['[{"id":1,"call":"x","args":[],"has":[1]}]', 'no frame'],
    ['[{"id":1,"call":"x","args":[],"more":0}]', 'no frame'],
    ['[{"id":1,"call":"x","args":[],"quiet":1}]', 'no frame'],
    ['[{"id":1,"more":"3"}]', 'no frame'],
    ['[{"id":1,"abort":3}]', 'no frame'],
    ['[{"id":1,"tell":"x"}]', 'no frame'],
    ['[{"id":1,"part":3}]', 'no frame'],
    ['[{"id":1,"ok":1,"spans":3}]', 'no frame'],
  ])('%s is refused: it is %s', (text, why) => {
    expect(() => parseFrames(text)).toThrow(why)
  })

  it('of whatever kind is read or refused by name, never by a crash', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .array(fc.dictionary(fc.constantFrom('id', 'call', 'args', 'ok', 'more', 'error'), fc.jsonValue()))
            .map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            return Array.isArray(parseFrames(text))
          } catch (thrown) {
            return (
              thrown instanceof FabricError && thrown.code === 'IF_ERR_INVALID_INPUT' && thrown.message.length < 400
            )
          }
        },
      ),
    )
  })
})

it('depth is counted in arrays and objects alike', () => {
  expect(isDeeper(1, 0)).toBe(false)
  expect(isDeeper([], 0)).toBe(true)
  expect(isDeeper({ a: [{ b: 1 }] }, 3)).toBe(false)
  expect(isDeeper({ a: [{ b: [] }] }, 3)).toBe(true)
  expect(isDeeper([1, [2], { a: 3 }], 2)).toBe(false)
})

describe('an error', () => {
  it('is the same at the other end, without its cause', () => {
    const error = new FabricError('IF_ERR_CONFLICT', 'moved', {
      hint: 'Look.',
      next: 'ifab x',
      details: { a: [1] },
      retryable: false,
      cause: new Error('secret'),
    })

    const text = JSON.stringify(errorToWire(error))

    expect(errorFromWire(JSON.parse(text)).toJSON()).toEqual(error.toJSON())
    expect(text).not.toContain('secret')
  })

  it('of a code that isn’t known yet keeps its words', () => {
    const newer = errorFromWire({ code: 'IF_ERR_OF_TOMORROW', message: 'new', retryable: true, details: { a: 1 } })

    expect(newer).toMatchObject({
      code: 'IF_ERR_INTERNAL',
      message: 'new',
      retryable: true,
      details: { a: 1, code: 'IF_ERR_OF_TOMORROW' },
    })
    expect(errorFromWire({ code: 'constructor', message: 'x', retryable: false }).code).toBe('IF_ERR_INTERNAL')
    expect(errorFromWire('?').code).toBe('IF_ERR_BAD_RESPONSE')
  })
})

describe('versions', () => {
  it.each([
    ['0.1.0', '0.1.9'],
    ['0.1.0', '0.2.0'],
    ['1.4.0-beta.1', '1.3.2'],
  ])('%s and %s work together', (client, daemon) => {
    expect(() => checkVersions({ client, daemon })).not.toThrow()
  })

  it.each([
    ['0.1.0', '0.3.0'],
    ['1.0.0', '2.0.0'],
    ['?', '0.1.0'],
  ])('%s and %s don’t, and both are named', (client, daemon) => {
    expect(() => checkVersions({ client, daemon })).toThrow(`the daemon is version ${daemon}, this client is ${client}`)
  })
})

describe('the table of methods', () => {
  it('gives nobody with an agent’s scopes what only a person may do', () => {
    const agents = ['read', 'tasks', 'actions']
    const beyond = [...METHODS]
      .filter(([, { method }]) => !method.scopes.some((scope) => agents.includes(scope)))
      .map(([name]) => name)

    expect(beyond.sort()).toEqual([
      'fabric.acknowledgeEscalation',
      'fabric.addInstance',
      'fabric.clearTouched',
      'fabric.connectInstance',
      'fabric.createToken',
      'fabric.credentials',
      'fabric.decideApproval',
      'fabric.freeze',
      'fabric.loadModule',
      'fabric.moveVaultKey',
      'fabric.removeInstance',
      'fabric.removeSwarm',
      'fabric.resetBreaker',
      'fabric.resolveEscalation',
      'fabric.revokeCredential',
      'fabric.revokeToken',
      'fabric.rotateVaultKey',
      'fabric.secrets',
      'fabric.setSecret',
      'fabric.snoozeEscalation',
      'fabric.testSecret',
      'fabric.thaw',
      'fabric.tokens',
      'fabric.unloadModule',
      'fabric.vaultKey',
    ])
  })

  it('repeats nothing by itself that would do a thing twice', () => {
    const repeated = [...METHODS]
      .filter(([, { method }]) => method.repeats && !method.scopes.some((scope) => scope === 'read'))
      .map(([name]) => name)

    expect(repeated.sort()).toEqual([
      'coordinator.claim',
      'coordinator.complete',
      'coordinator.extend',
      'coordinator.fail',
      'coordinator.handBack',
      'coordinator.heartbeat',
      'fabric.acknowledgeEscalation',
      'fabric.answerInvite',
      'fabric.credentials',
      'fabric.explainIntent',
      'fabric.freeze',
      'fabric.importPlan',
      'fabric.plan',
      'fabric.planPlaybook',
      'fabric.registerSwarm',
      'fabric.revokeToken',
      'fabric.secrets',
      'fabric.snoozeEscalation',
      'fabric.tokens',
      'fabric.vaultKey',
    ])
  })
})
