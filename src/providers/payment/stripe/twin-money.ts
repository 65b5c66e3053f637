// The balance of Stripe's twin: what was taken, paid back and paid out. It settles at once and takes no fees.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { ACCOUNT, payout as payoutShape, transaction } from './examples-billing.ts'
import {
  amountIn,
  invalid,
  keep,
  metadataIn,
  missing,
  pageOf,
  refuse,
  secondsOf,
  text,
  withThing,
} from './twin-answers.ts'

type State = TwinCall['state']

/** All that moved, in order of time. */
function movements(state: State): JsonObject[] {
  const moved = [
    ...[...state('payment_intents').values()].filter(({ amount_received }) => Number(amount_received) > 0).map(taken),
    ...[...state('refunds').values()].map(paidBack),
    ...[...state('payouts').values()].flatMap(paidOut),
  ]
  return moved.sort((one, other) => Number(one.created) - Number(other.created))
}

const moved = (amount: number, of: JsonObject, facts: JsonObject): JsonObject =>
  transaction({
    amount,
    available_on: of.created ?? 0,
    created: of.created ?? 0,
    currency: of.currency ?? 'gbp',
    description: of.description ?? null,
    net: amount,
    source: of.id ?? null,
    ...facts,
  })

const taken = (intent: JsonObject): JsonObject =>
  moved(Number(intent.amount_received), intent, {
    id: `txn_${intent.latest_charge}`,
    source: intent.latest_charge ?? null,
  })

const paidBack = (refund: JsonObject): JsonObject =>
  moved(-Number(refund.amount), refund, {
    id: refund.balance_transaction ?? null,
    reporting_category: 'refund',
    type: 'refund',
  })

function paidOut(payout: JsonObject): JsonObject[] {
  const amount = Number(payout.amount)
  const out = moved(-amount, payout, {
    id: payout.balance_transaction ?? null,
    reporting_category: 'payout',
    type: 'payout',
  })
  if (payout.status !== 'canceled') return [out]
  const back = moved(amount, payout, {
    id: payout.failure_balance_transaction ?? null,
    reporting_category: 'payout_reversal',
    type: 'payout_cancel',
  })
  return [out, back]
}

function sums(state: State): Map<string, number> {
  const byCurrency = new Map([['gbp', 0]])
  for (const { currency, amount } of movements(state)) {
    byCurrency.set(String(currency), (byCurrency.get(String(currency)) ?? 0) + Number(amount))
  }
  return byCurrency
}

function balance({ state }: TwinCall): TwinAnswer {
  const available = [...sums(state)].map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } }))
  return { body: { object: 'balance', available, livemode: false, pending: [{ amount: 0, currency: 'gbp' }] } }
}

function listTransactions(call: TwinCall): TwinAnswer {
  const [from, until] = [timeIn(call.query['created[gte]']), timeIn(call.query['created[lte]'])]
  if (Number.isNaN(from) || Number.isNaN(until))
    return invalid('Invalid integer', 'created', 'parameter_invalid_integer')
  const asked = movements(call.state)
    .filter(({ created }) => from === undefined || Number(created) >= from)
    .filter(({ created }) => until === undefined || Number(created) <= until)
  return pageOf(call, asked, '/v1/balance_transactions')
}

const timeIn = (value: string | undefined): number | undefined =>
  value === undefined ? undefined : /^\d+$/.test(value) ? Number(value) : Number.NaN

function createPayout(call: TwinCall): TwinAnswer {
  const { body, nextId, state } = call
  const amount = amountIn(body.amount)
  if (amount === undefined) return invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer')
  const currency = text(body.currency)
  if (!currency || !/^[a-z]{3}$/.test(currency)) return invalid('Invalid currency', 'currency')
  const destination = text(body.destination)
  if (destination !== undefined && !/^(ba|card)_/.test(destination)) return missing('external account', destination)
  if ((text(body.statement_descriptor) ?? '').length > 22) {
    return invalid(
      'The statement descriptor must be at most 22 characters.',
      'statement_descriptor',
      'parameter_invalid',
    )
  }
  if ((sums(state).get(currency) ?? 0) < amount) {
    return refuse(400, {
      type: 'invalid_request_error',
      code: 'balance_insufficient',
      message: 'You have insufficient funds in your Stripe account for this transfer.',
    })
  }
  const made = payoutShape({
    id: nextId('po_'),
    amount,
    arrival_date: secondsOf(call) + 86_400,
    balance_transaction: nextId('txn_'),
    created: secondsOf(call),
    currency,
    description: text(body.description) ?? null,
    ...(destination === undefined
      ? {}
      : { destination, type: destination.startsWith('card_') ? 'card' : 'bank_account' }),
    metadata: metadataIn(body.metadata),
    method: text(body.method) ?? 'standard',
    source_type: text(body.source_type) ?? 'card',
    statement_descriptor: text(body.statement_descriptor) ?? null,
    status: body.method === 'instant' ? 'in_transit' : 'pending',
  })
  return keep(call, 'payouts', made)
}

const payout = (act: (call: TwinCall, thing: JsonObject) => TwinAnswer) =>
  withThing('payouts', { kind: 'payout', name: 'payout' }, act)

function cancelPayout(call: TwinCall, made: JsonObject): TwinAnswer {
  if (made.status !== 'pending') {
    return refuse(400, {
      type: 'invalid_request_error',
      message: `Only a pending payout can be canceled; this one is ${made.status}.`,
    })
  }
  return keep(call, 'payouts', { ...made, failure_balance_transaction: call.nextId('txn_'), status: 'canceled' })
}

export const moneyOperations: Record<string, (call: TwinCall) => TwinAnswer> = {
  'balance.get': balance,
  'account.list': () => ({ body: ACCOUNT as JsonValue }),
  'transaction.list': listTransactions,
  'payout.create': createPayout,
  'payout.get': payout((_, made) => ({ body: made })),
  'payout.cancel': payout(cancelPayout),
}
