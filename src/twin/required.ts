// Parameters without which the vendor refuses, where no description says it.
import type { TwinCall } from '../adapter/index.ts'
import type { JsonValue } from '../foundation/index.ts'
import { Refusal } from './refusal.ts'

/** Refuses a call that lacks one of them, in path, query or body; `card.number` is a nested one. */
export function checkRequired(call: TwinCall, names: readonly string[]): void {
  for (const name of names) {
    if (isGiven(call.path[name]) || isGiven(call.query[name]) || isGiven(within(call.body, name))) continue
    throw new Refusal('invalid', `missing required parameter: ${name}`)
  }
}

const isGiven = (value: JsonValue | undefined): boolean => value !== undefined && value !== null && value !== ''

const within = (body: JsonValue, name: string): JsonValue | undefined =>
  name
    .split('.')
    .reduce<JsonValue | undefined>(
      (value, part) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? value[part] : undefined),
      body,
    )
