import { describe, expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import type { Outcome } from '../../../src/pipeline/index.ts'
import { mayFailOver, targetsOf } from '../../../src/runs/alternatives.ts'
import type { PlanStep } from '../../../src/runs/index.ts'
import type { StepRecord } from '../../../src/runs/records.ts'

const request = (url: string) => ({ transport: 'http' as const, method: 'POST', url, headers: {}, body: null })

const step = {
  instance: 'a',
  request: request('https://a.example/'),
  routed: { selector: 'any', alternatives: [{ instance: 'b', request: request('https://b.example/') }], left: [] },
} as unknown as PlanStep // only what is read here

const record = (instance: string, state: StepRecord['state'], uncertain = false): StepRecord => ({
  run: 'r',
  id: 's',
  token: 1,
  instance,
  operation: 'message.send',
  effect: 'send',
  state,
  costMicroUsd: 0,
  ...(uncertain ? { uncertain } : {}),
})

const names = (of: StepRecord) => targetsOf(step, of).map(({ instance }) => instance)

describe('where a step may act', () => {
  it('is one instance after the other, from the first', () => {
    expect(names(record('a', 'pending'))).toEqual(['a', 'b'])
    expect(names(record('b', 'failed'))).toEqual(['a', 'b'])
  })

  it.each([
    ['begun', false],
    ['unknown', false],
    ['failed', true],
  ] as const)('is only the instance at which it may have happened: %s, uncertain %s', (state, uncertain) => {
    expect(names(record('b', state, uncertain))).toEqual(['b'])
    expect(names(record('a', state, uncertain))).toEqual(['a'])
  })
})

describe('failing over', () => {
  const failed = (code: ConstructorParameters<typeof FabricError>[0], more: Partial<Outcome> = {}): Outcome => ({
    state: 'failed',
    uncertain: false,
    error: new FabricError(code, 'no'),
    costMicroUsd: 0,
    durationMs: 0,
    attempts: 1,
    witness: 1,
    ...more,
  })

  it.each([
    'IF_ERR_PROVIDER_UNAVAILABLE',
    'IF_ERR_RATE_LIMIT_EXCEEDED',
    'IF_ERR_BREAKER_OPEN',
    'IF_ERR_AUTH_FAILED',
  ] as const)('goes on after %s', (code) => {
    expect(mayFailOver(failed(code))).toBe(true)
  })

  it.each(['IF_ERR_ACTION_FAILED', 'IF_ERR_INVALID_INPUT', 'IF_ERR_POLICY_DENIED', 'IF_ERR_BUDGET_EXCEEDED'] as const)(
    'stops at %s, which another instance would answer with as well or must not go around',
    (code) => {
      expect(mayFailOver(failed(code))).toBe(false)
    },
  )

  it('never goes on where it may have happened', () => {
    expect(mayFailOver(failed('IF_ERR_PROVIDER_UNAVAILABLE', { uncertain: true }))).toBe(false)
    expect(mayFailOver(failed('IF_ERR_TIMEOUT', { state: 'unknown' }))).toBe(false)
    expect(mayFailOver(failed('IF_ERR_TIMEOUT', { state: 'done' }))).toBe(false)
  })
})
