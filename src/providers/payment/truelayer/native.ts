// What TrueLayer has beyond the vocabulary: the payer's way to the bank, reads by id, mandates, transactions of a person.
import { get, type NativeOperation, native, post, z } from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import {
  toAccountTransactions,
  toFlow,
  toMerchantAccount,
  toMerchantAccounts,
  toMovement,
  toRefunds,
} from './shapes.ts'

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const

const id = z.string().min(1).max(512)
const byId = z.strictObject({ id })
const movement = z.object({ id: z.string(), status: z.string(), amount: z.int(), currency: z.string() })
const flow = z.object({
  status: z.string(),
  next: z.string().nullable().describe('What the payer does next: provider_selection, redirect, consent, form, wait.'),
  url: z.string().nullable().describe('The page of the bank, where that is next.'),
})
const merchantAccount = z.object({
  id: z.string(),
  name: z.string().nullable(),
  currency: z.string(),
  available: z.int(),
  current: z.int(),
})
const kind = z.enum(['sweeping', 'commercial']).default('sweeping').describe('Of the mandate.')
const returnUrl = z.url({ protocol: /^https?$/ }).describe('Where the payer comes back; registered in the console.')

const flowBody = (return_uri: string) => ({ provider_selection: {}, redirect: { return_uri } })

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'payment.authorize': native({
    summary: "Begin the payer's way to the bank for a payment.",
    effect: 'update',
    labels: OWN,
    scope: 'payments',
    input: z.strictObject({ id, returnUrl }),
    output: flow,
    request: (input) =>
      post('/v3/payments/{id}/authorization-flow', {
        auth: 'signed',
        path: { id: input.id },
        json: flowBody(input.returnUrl),
      }),
    result: toFlow,
    cost: 'free',
    undo: ({ input }) => ({ operation: 'payment.cancel', input: { id: input.id } }),
    undoLabel: 'payment.cancel',
    examples: [{ input: { id: sample.PAYMENT, returnUrl: 'https://shop.example/thanks' }, response: sample.flow() }],
  }),
  'mandate.authorize': native({
    summary: "Begin the payer's way to the bank for a mandate.",
    effect: 'update',
    labels: OWN,
    scope: 'recurring_payments:sweeping',
    input: z.strictObject({ id, returnUrl, type: kind }),
    output: flow,
    request: (input) =>
      post('/v3/mandates/{id}/authorization-flow', {
        auth: input.type,
        path: { id: input.id },
        json: flowBody(input.returnUrl),
      }),
    result: toFlow,
    cost: 'free',
    undo: ({ input }) => ({ operation: 'truelayer:mandate.revoke', input: { id: input.id, type: input.type } }),
    undoLabel: 'truelayer:mandate.revoke',
    examples: [
      {
        input: { id: sample.MANDATE, returnUrl: 'https://shop.example/thanks', type: 'sweeping' },
        response: sample.flow(),
      },
      {
        input: { id: sample.MANDATE, returnUrl: 'https://shop.example/thanks', type: 'commercial' },
        response: sample.flow(),
      },
    ],
  }),
  'mandate.revoke': native({
    summary: 'Give up the right to take money under a mandate.',
    effect: 'delete',
    labels: OWN,
    scope: 'recurring_payments:sweeping',
    input: z.strictObject({ id, type: kind }),
    output: z.object({ id: z.string(), status: z.string() }),
    request: (input) => post('/v3/mandates/{id}/revoke', { auth: input.type, path: { id: input.id }, answer: 'empty' }),
    result: (_none, { input }) => ({ id: input.id, status: 'revoked' }),
    cost: 'free',
    undo: { none: 'The payer has to give another mandate.' },
    examples: [
      { input: { id: sample.MANDATE, type: 'sweeping' }, status: 204, response: null },
      { input: { id: sample.MANDATE, type: 'commercial' }, status: 204, response: null },
    ],
  }),
  'refund.list': native({
    summary: 'List the refunds of a payment.',
    effect: 'read',
    labels: OWN,
    scope: 'payments',
    input: z.strictObject({ payment: id }),
    output: z.object({ refunds: z.array(movement) }),
    request: (input) => get('/v3/payments/{id}/refunds', { path: { id: input.payment } }),
    result: (body) => ({ refunds: toRefunds(body) }),
    cost: 'free',
    examples: [{ input: { payment: sample.PAYMENT }, response: { items: [sample.refund()] } }],
  }),
  'payout.get': native({
    summary: 'Read a payout.',
    effect: 'read',
    labels: OWN,
    scope: 'payments',
    input: byId,
    output: movement,
    request: (input) => get('/v3/payouts/{id}', { path: { id: input.id } }),
    result: toMovement,
    cost: 'free',
    examples: [{ input: { id: sample.PAYOUT }, response: sample.payout() }],
  }),
  'merchant-account.list': native({
    summary: 'List the merchant accounts with their balances.',
    effect: 'read',
    labels: OWN,
    scope: 'payments',
    input: z.strictObject({}),
    output: z.object({ accounts: z.array(merchantAccount) }),
    request: () => get('/v3/merchant-accounts'),
    result: (body) => ({ accounts: toMerchantAccounts(body) }),
    cost: 'free',
    examples: [{ input: {}, response: sample.page([sample.merchantAccount()]) }],
  }),
  'merchant-account.get': native({
    summary: 'Read one merchant account with its balance.',
    effect: 'read',
    labels: OWN,
    scope: 'payments',
    input: byId,
    output: merchantAccount,
    request: (input) => get('/v3/merchant-accounts/{id}', { path: { id: input.id } }),
    result: toMerchantAccount,
    cost: 'free',
    examples: [{ input: { id: sample.MERCHANT_ACCOUNT }, response: sample.merchantAccount() }],
  }),
  'account.transaction.list': native({
    summary: "List transactions of a bank account of the person who consented, as the bank's own record has them.",
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 'transactions',
    input: z.strictObject({ account: id, from: z.iso.date().optional(), until: z.iso.date().optional() }),
    output: z.object({
      transactions: z.array(movement.extend({ at: z.string(), description: z.string().nullable() })),
    }),
    request: ({ account, from, until }) =>
      get('/data/v1/accounts/{account_id}/transactions', {
        auth: 'data',
        path: { account_id: account },
        query: { from, to: until },
        answer: 'exact-json',
      }),
    result: toAccountTransactions,
    cost: 'free',
    examples: [
      {
        input: { account: 'f1234560abf9f57287637624def390871', from: '2026-11-01', until: '2026-11-25' },
        response: { results: [sample.accountTransaction()], status: 'Succeeded' },
      },
    ],
  }),
}
