// The one vocabulary: standard operations with standard input and result, so that any provider of a family can do them.
// JSON Schema, flags, completion and docs are derived from these schemas.
import type { z } from 'zod'
import { app, cdn, functions, loadbalancer, network, topic, vm } from './compute.ts'
import { channel, files, message, webhook } from './message.ts'
import { completion, embedding, model, prediction } from './model.ts'
import { payment } from './payment.ts'
import { production, studio } from './production.ts'
import { buckets, object } from './storage.ts'
import { collection, vector } from './vector.ts'
import { call, cdr, phoneNumbers, sms, trunk } from './voice.ts'

/** Every standard operation: its input, its result, one sentence. */
export const VOCABULARY = {
  ...message,
  ...channel,
  ...files,
  ...webhook,
  ...sms,
  ...call,
  ...phoneNumbers,
  ...trunk,
  ...cdr,
  ...payment,
  ...object,
  ...buckets,
  ...vm,
  ...network,
  ...functions,
  ...topic,
  ...app,
  ...loadbalancer,
  ...cdn,
  ...completion,
  ...embedding,
  ...model,
  ...prediction,
  ...collection,
  ...vector,
  ...studio,
  ...production,
}

export type StandardOperationId = keyof typeof VOCABULARY
export type InputOf<K extends StandardOperationId> = z.output<(typeof VOCABULARY)[K]['input']>
export type ResultOf<K extends StandardOperationId> = z.output<(typeof VOCABULARY)[K]['result']>
