// Merchant accounts (TrueLayer's own, under the client's token) and accounts of a person (the Data API, under consent).
import {
  get,
  type InputOf,
  type JsonValue,
  type NextPage,
  type Operation,
  type ResultOf,
  type StandardOperationId,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { toAccounts, toBalance, toMerchantTransactions } from './shapes.ts'

type Standard<K extends StandardOperationId> = Operation<InputOf<K>, ResultOf<K>>

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const

const pageAnswer = z.object({ pagination: z.object({ next_cursor: z.string().min(1) }) })

function nextPage(body: JsonValue): NextPage | undefined {
  const page = pageAnswer.safeParse(body)
  return page.success ? { query: { cursor: page.data.pagination.next_cursor } } : undefined
}

const balanceGet: Standard<'balance.get'> = {
  summary: 'Read the balances of the merchant accounts.',
  effect: 'read',
  labels: OWN,
  scope: 'payments',
  request: () => get('/v3/merchant-accounts'),
  result: toBalance,
  cost: 'free',
  examples: [{ input: {}, response: sample.page([sample.merchantAccount()]) }],
}

const transactionList: Standard<'transaction.list'> = {
  summary: 'List what came into and left a merchant account between two times.',
  effect: 'read',
  labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
  scope: 'payments',
  request: ({ account, from, until }) => {
    if (account === undefined || from === undefined || until === undefined) {
      throw unsupported(
        'TrueLayer lists the transactions of one merchant account between two times',
        'Give account, from and until.',
      )
    }
    return get('/v3/merchant-accounts/{id}/transactions', { path: { id: account }, query: { from, to: until } })
  },
  result: toMerchantTransactions,
  pages: { field: 'transactions', next: nextPage },
  cost: 'free',
  examples: [
    {
      input: {
        account: sample.MERCHANT_ACCOUNT,
        from: '2026-11-01T00:00:00Z',
        until: '2026-11-25T00:00:00Z',
        limit: 100,
      },
      response: sample.page([sample.transaction()]),
    },
  ],
}

const accountList: Standard<'account.list'> = {
  summary: 'List the bank accounts of the person who consented.',
  effect: 'read',
  labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
  scope: 'accounts',
  request: () => get('/data/v1/accounts', { auth: 'data' }),
  result: (body, { input }) => ({ accounts: toAccounts(body).accounts.slice(0, input.limit) }),
  cost: 'free',
  examples: [{ input: { limit: 100 }, response: { results: [sample.account()], status: 'Succeeded' } }],
}

export const accounts = {
  'account.list': accountList,
  'transaction.list': transactionList,
  'balance.get': balanceGet,
}
