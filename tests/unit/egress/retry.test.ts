import { describe, expect, it } from 'vitest'
import type { IncomingResponse } from '../../../src/egress/index.ts'
import { decideRetry, type RetryQuestion, retryAfterMs } from '../../../src/egress/retry.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')

const answered = (status: number, headers: Record<string, string> = {}): RetryQuestion['outcome'] => ({
  kind: 'answered',
  response: { status, headers, body: new Uint8Array(), text: '' },
})
const failed = (departure: 'nothing-left' | 'may-have-left', transient = true): RetryQuestion['outcome'] => ({
  kind: 'failed',
  departure,
  transient,
  reason: 'refused',
})
const decide = (change: Partial<RetryQuestion> & { repeatable?: boolean }) =>
  decideRetry({
    outcome: answered(503),
    tries: 1,
    policy: { attempts: 3, backoffSeconds: [1, 2], repeatable: change.repeatable ?? true },
    shouldRetry: undefined,
    remainingMs: 60_000,
    nowMs: NOW,
    random: 0,
    ...change,
  })

describe('the retry decision', () => {
  it.each([429, 502, 503, 504])('repeats a repeatable request on %i', (status) => {
    expect(decide({ outcome: answered(status) })).toMatchObject({ retry: true, afterMs: 1000 })
  })

  it.each([200, 400, 401, 404, 500])('does not repeat on %i', (status) => {
    expect(decide({ outcome: answered(status) })).toEqual({ retry: false })
  })

  it('repeats what is not repeatable only after 429', () => {
    expect(decide({ outcome: answered(429), repeatable: false })).toMatchObject({ retry: true })
    expect(decide({ outcome: answered(503, { 'retry-after': '1' }), repeatable: false })).toEqual({ retry: false })
  })

  it('repeats what is not repeatable only where nothing left', () => {
    expect(decide({ outcome: failed('nothing-left'), repeatable: false })).toMatchObject({ retry: true })
    expect(decide({ outcome: failed('may-have-left'), repeatable: false })).toEqual({ retry: false })
  })

  it('does not repeat a lasting failure', () => {
    expect(decide({ outcome: failed('nothing-left', false) })).toEqual({ retry: false })
  })

  it('repeats the last backoff when there are more tries than steps', () => {
    const policy = { attempts: 9, backoffSeconds: [1, 2], repeatable: true }

    expect(decide({ tries: 2, policy })).toMatchObject({ afterMs: 2000 })
    expect(decide({ tries: 7, policy })).toMatchObject({ afterMs: 2000 })
    expect(decide({ policy: { ...policy, backoffSeconds: [] } })).toMatchObject({ afterMs: 0 })
  })

  it('adds at most a fifth by chance', () => {
    expect(decide({ random: 0.999 })).toMatchObject({ afterMs: expect.closeTo(1199.8) })
  })

  it('waits as long as Retry-After says where that is longer', () => {
    expect(decide({ outcome: answered(503, { 'retry-after': '7' }) })).toMatchObject({ afterMs: 7000 })
    expect(decide({ outcome: answered(503, { 'retry-after': '0' }) })).toMatchObject({ afterMs: 1000 })
  })

  it('gives up at once when the wait would outlast the call', () => {
    expect(decide({ outcome: answered(429, { 'retry-after': '60' }) })).toEqual({ retry: false })
  })

  it('stops after the last try', () => {
    expect(decide({ tries: 3 })).toEqual({ retry: false })
  })

  it('lets the provider read its own errors', () => {
    const shouldRetry = (response: IncomingResponse) =>
      response.status === 200 ? { retry: true as const, afterMs: 5, reason: 'busy' } : { retry: false as const }

    expect(decide({ outcome: answered(200), shouldRetry })).toEqual({ retry: true, afterMs: 5, reason: 'busy' })
    expect(decide({ outcome: answered(503), shouldRetry })).toEqual({ retry: false })
  })
})

describe('Retry-After', () => {
  it.each([
    ['3', 3000],
    ['1.5', 1500],
    ['Sun, 01 Mar 2026 12:00:10 GMT', 10_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['', 0],
    [undefined, 0],
  ])('%s means %i ms', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms)
  })
})
