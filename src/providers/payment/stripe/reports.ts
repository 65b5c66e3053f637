// The account itself, and what has moved in its balance.
import { get, type JsonValue, readAs, sentinelNumber, z } from '../../../adapter/index.ts'
import * as sample from './examples-billing.ts'
import { OWN } from './labels.ts'
import { LARGEST_PAGE, nextPage } from './pages.ts'
import { toAccount, toTransaction } from './shapes.ts'
import type { Standard } from './standard.ts'

/** Stripe counts time in whole seconds. What a plan does not know yet passes as it is. */
function unixTime(time: string | undefined, round: (seconds: number) => number): number | string | undefined {
  if (time === undefined || sentinelNumber(time) !== undefined) return time
  return round(Date.parse(time) / 1000)
}

const accountList: Standard<'account.list'> = {
  summary: 'Read the account that the key belongs to; there is one.',
  effect: 'read',
  labels: OWN,
  request: () => get('/v1/account'),
  result: (body) => ({ accounts: [toAccount(body)] }),
  cost: 'free',
  examples: [{ input: { limit: 100 }, response: sample.ACCOUNT }],
}

const transactionList: Standard<'transaction.list'> = {
  summary: "List movements of the account's balance, newest first, fees not deducted.",
  effect: 'read',
  // A description may hold what a payer wrote.
  labels: { ...OWN, returns: 'untrusted' },
  without: ['account'],
  request: ({ from, until, limit }) =>
    get('/v1/balance_transactions', {
      query: {
        'created[gte]': unixTime(from, Math.ceil),
        'created[lte]': unixTime(until, Math.floor),
        limit: Math.min(limit, LARGEST_PAGE),
      },
    }),
  result: (body: JsonValue) => ({
    transactions: readAs(z.object({ data: z.array(z.json()) }), body).data.map(toTransaction),
  }),
  cost: 'free',
  pages: { field: 'transactions', next: nextPage },
  examples: [
    {
      input: { from: '2026-11-01T00:00:00Z', until: '2026-11-25T00:00:00Z', limit: 100 },
      response: {
        object: 'list',
        url: '/v1/balance_transactions',
        has_more: false,
        data: [
          sample.transaction({ id: 'txn_2', amount: -1000, fee: 0, net: -1000, type: 'refund' }),
          sample.transaction(),
        ],
      },
    },
  ],
}

export const reports = { 'account.list': accountList, 'transaction.list': transactionList }
