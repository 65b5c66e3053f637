// Errors across a connection: the same code, message and hint at the other end.
import { z } from 'zod'
import { ERRORS, type ErrorCode, FabricError, toFabricError } from '../foundation/index.ts'

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullish(),
  retryable: z.boolean(),
  next: z.string().nullish(),
  details: z.record(z.string(), z.unknown()).nullish(),
})

/** As JSON. A cause never leaves the process. */
export const errorToWire = (thrown: unknown): Record<string, unknown> => toFabricError(thrown).toJSON()

export function errorFromWire(value: unknown): FabricError {
  const parsed = errorSchema.safeParse(value)
  if (!parsed.success) return new FabricError('IF_ERR_BAD_RESPONSE', 'the other end answered with an unreadable error')
  const { code, message, hint, retryable, next, details } = parsed.data
  // A newer daemon may know codes that this client doesn't.
  const isKnown = Object.hasOwn(ERRORS, code)
  return new FabricError(isKnown ? (code as ErrorCode) : 'IF_ERR_INTERNAL', message, {
    retryable,
    details: isKnown ? (details ?? {}) : { ...details, code },
    ...(hint ? { hint } : {}),
    ...(next ? { next } : {}),
  })
}
