// What all of Stripe's twin answers with: refusals in Stripe's words, lists in pages, and how it reads a form.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'

export const refuse = (status: number, error: JsonObject): TwinAnswer => ({ status, body: { error } })

export const invalid = (message: string, param: string, code = 'parameter_invalid_empty'): TwinAnswer =>
  refuse(400, { type: 'invalid_request_error', code, message, param })

export const missing = (kind: string, id: string): TwinAnswer =>
  refuse(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param: kind === 'payment_intent' ? 'intent' : 'id',
  })

export const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Test payment methods that are declined, with the bank's own word (docs.stripe.com/testing). */
export const DECLINES = new Map(
  Object.entries({
    pm_card_chargeDeclined: 'generic_decline',
    pm_card_visa_chargeDeclined: 'generic_decline',
    pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
    pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient_funds',
    pm_card_chargeDeclinedLostCard: 'lost_card',
  }),
)

/** A whole number that Stripe would take as an amount. */
export function amountIn(value: JsonValue | undefined): number | undefined {
  const digits = /^\d+$/.exec(text(value) ?? '')?.[0]
  const amount = Number(digits)
  return Number.isSafeInteger(amount) && amount > 0 ? amount : undefined
}

export const metadataIn = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}

/** One page of what there is, newest first, behind `starting_after`. */
export function pageOf({ query }: TwinCall, all: readonly JsonObject[], url: string): TwinAnswer {
  const after = query.starting_after
  const newestFirst = [...all].reverse()
  const before = after === undefined ? -1 : newestFirst.findIndex(({ id }) => id === after)
  if (after !== undefined && before < 0) return missing('object', after)
  const size = Math.min(Number(query.limit ?? 10) || 10, 100)
  const end = before + 1 + size
  return {
    body: { object: 'list', url, has_more: end < newestFirst.length, data: newestFirst.slice(before + 1, end) },
  }
}

/** Of a collection, by customer where one is asked for. */
export const listOf =
  (collection: string, url: string) =>
  (call: TwinCall): TwinAnswer => {
    const { customer } = call.query
    const all = [...call.state(collection).values()]
      .filter((thing) => thing.deleted !== true)
      .filter((thing) => customer === undefined || thing.customer === customer)
    return pageOf(call, all, url)
  }

/** Runs `act` with the thing of a collection that the path names, or answers that there is none. */
export const withThing =
  (
    collection: string,
    { kind, name }: { kind: string; name: string },
    act: (call: TwinCall, thing: JsonObject) => TwinAnswer,
  ) =>
  (call: TwinCall): TwinAnswer => {
    const id = call.path[name] ?? ''
    const thing = call.state(collection).get(id)
    return thing && thing.deleted !== true ? act(call, thing) : missing(kind, id)
  }

/** Keeps what it answers. */
export function keep({ state }: TwinCall, collection: string, thing: JsonObject): TwinAnswer {
  state(collection).set(String(thing.id), thing)
  return { body: thing }
}

export const secondsOf = ({ now }: TwinCall): number => Math.floor(now / 1000)
