import { describe, expect, it } from 'vitest'
import {
  assertNever,
  ERRORS,
  type ErrorCode,
  EXIT,
  FabricError,
  isFabricError,
  toFabricError,
} from '../../../src/foundation/index.ts'

describe('the table of errors', () => {
  it.each(Object.entries(ERRORS))('%s has an exit code and one sentence that says when it happens', (code, kind) => {
    expect(code).toMatch(/^IF_ERR_[A-Z_]+$/)
    expect(Object.values(EXIT)).toContain(kind.exit)
    expect(kind.exit).not.toBe(EXIT.ok)
    expect(kind.when).toMatch(/\.$/)
  })

  it('holds the codes that outsiders rely on', () => {
    const promised: ErrorCode[] = [
      'IF_ERR_RATE_LIMIT_EXCEEDED',
      'IF_ERR_INVALID_TOKEN',
      'IF_ERR_BUDGET_EXCEEDED',
      'IF_ERR_CLAIM_LOST',
      'IF_ERR_OUTCOME_UNKNOWN',
    ]

    expect(promised.map((code) => ERRORS[code].exit)).toEqual([7, 5, 3, 6, 8])
  })
})

describe('a FabricError', () => {
  it('has the form of the --json contract', () => {
    const error = new FabricError('IF_ERR_CONFLICT', 'moved', { hint: 'Look.', next: 'ifab x', details: { key: 'a' } })

    expect(error.toJSON()).toEqual({
      code: 'IF_ERR_CONFLICT',
      message: 'moved',
      hint: 'Look.',
      retryable: true,
      next: 'ifab x',
      details: { key: 'a' },
    })
    expect(error.exitCode).toBe(6)
  })

  it('says null for what it does not have, and takes retryable from the case where that differs', () => {
    const error = new FabricError('IF_ERR_CONFLICT', 'moved', { retryable: false })

    expect(error.toJSON()).toMatchObject({ hint: null, next: null, details: {}, retryable: false })
  })

  it('is made of anything thrown, with the original as cause', () => {
    const bug = new TypeError('x is undefined')

    expect(toFabricError(bug)).toMatchObject({ code: 'IF_ERR_INTERNAL', message: 'x is undefined', cause: bug })
    expect(toFabricError('text').message).toBe('text')
    const own = new FabricError('IF_ERR_USAGE', 'a')
    expect(toFabricError(own)).toBe(own)
    expect(isFabricError(bug)).toBe(false)
  })

  it('ends a switch that forgot a member', () => {
    expect(() => assertNever('odd' as never)).toThrow('unhandled case: "odd"')
  })
})
