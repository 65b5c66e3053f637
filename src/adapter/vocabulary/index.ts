// The one vocabulary: standard operations with standard input and result, so that any provider of a family can do them.
// JSON Schema, flags, completion and docs are derived from these schemas.
import type { z } from 'zod'
import { channel, message } from './message.ts'
import { payment } from './payment.ts'
import { production } from './production.ts'

/** Every standard operation: its input, its result, one sentence. */
export const VOCABULARY = { ...message, ...channel, ...payment, ...production }

export type StandardOperationId = keyof typeof VOCABULARY
export type InputOf<K extends StandardOperationId> = z.output<(typeof VOCABULARY)[K]['input']>
export type ResultOf<K extends StandardOperationId> = z.output<(typeof VOCABULARY)[K]['result']>
