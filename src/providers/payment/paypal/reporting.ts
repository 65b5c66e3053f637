// Balances and transactions. PayPal reports on at most 31 days at once, so a longer list is read window by window, the
// newest first. A transaction shows there up to three hours after it happened.
import {
  get,
  type InputOf,
  type JsonValue,
  type NextPage,
  type Operation,
  type PageFacts,
  type ResultOf,
  readAs,
  type StandardOperationId,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { timeOf, toBalance, toTransactions } from './shapes.ts'

type Standard<K extends StandardOperationId> = Operation<InputOf<K>, ResultOf<K>>

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const

const WINDOW_MS = 31 * 86_400_000

interface Window {
  start_date: string
  end_date: string
}

/** The window that ends at `until`; PayPal counts both ends in. */
function windowBefore(until: string, from: string): Window {
  const start = Date.parse(until) - WINDOW_MS
  // A time that a plan does not know yet has no number, and goes as it is.
  return { start_date: start > Date.parse(from) ? new Date(start).toISOString() : from, end_date: until }
}

function* windows(from: string, until: string): Generator<Window> {
  for (let end = until; ; ) {
    const window = windowBefore(end, from)
    yield window
    if (window.start_date === from) return
    end = new Date(Date.parse(window.start_date) - 1000).toISOString()
    if (Date.parse(end) < Date.parse(from)) return
  }
}

const pageAnswer = z.object({ page: z.int(), total_pages: z.int().default(0), start_date: z.string() })

/** The next page of the window that the answer names, or the first one of the window before. */
function nextPage(body: JsonValue, { input }: PageFacts): NextPage | undefined {
  const { page, total_pages, start_date } = readAs(pageAnswer, body)
  const all = [...windows(String(input.from), String(input.until))]
  const started = seconds(timeOf(start_date))
  const at = all.findIndex((window) => seconds(window.start_date) === started)
  if (at < 0) throw new Error(`the answer is of a window from ${start_date}, which was not asked for`)
  if (page < total_pages) return { query: { ...all[at], page: page + 1 } }
  const before = all[at + 1]
  return before && { query: { ...before, page: 1 } }
}

const seconds = (time: string | null): number => Math.floor(Date.parse(time ?? '') / 1000)

const transactionList: Standard<'transaction.list'> = {
  summary: 'List movements of money between two times, newest first.',
  effect: 'read',
  // Subjects and notes are what payers wrote.
  labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
  scope: 'https://uri.paypal.com/services/reporting/search/read',
  without: ['account'],
  request: ({ from, until, limit }) => {
    if (from === undefined || until === undefined) {
      throw unsupported('PayPal lists transactions between two times only', 'Give from and until.')
    }
    if (Date.parse(from) > Date.parse(until)) throw unsupported('from is after until', 'Exchange them.')
    return get('/v1/reporting/transactions', {
      query: {
        ...windowBefore(until, from),
        fields: 'transaction_info',
        page_size: Math.min(limit, 500),
        page: 1,
      },
    })
  },
  result: toTransactions,
  pages: { field: 'transactions', next: nextPage },
  cost: 'free',
  examples: [
    {
      input: { from: '2026-11-01T00:00:00Z', until: '2026-11-25T00:00:00Z', limit: 100 },
      response: sample.transactions(),
    },
  ],
}

const balanceGet: Standard<'balance.get'> = {
  summary: "Read the account's balances, one a currency.",
  effect: 'read',
  labels: OWN,
  scope: 'https://uri.paypal.com/services/reporting/balances/read',
  request: () => get('/v1/reporting/balances'),
  result: toBalance,
  cost: 'free',
  examples: [{ input: {}, response: sample.BALANCES }],
}

export const reporting = { 'transaction.list': transactionList, 'balance.get': balanceGet }
