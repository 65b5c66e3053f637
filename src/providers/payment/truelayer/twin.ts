// TrueLayer in rehearsal: one merchant account with money in it, a bank whose page (`/bank`) says yes at once, mandates under
// which payments go through, one consented bank account. A payment above 100,000.00 is refused by the bank.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import * as shape from './examples.ts'

const TITLES = new Map([
  [400, 'Invalid Parameters'],
  [401, 'Unauthenticated'],
  [404, 'Not Found'],
  [409, 'Idempotency-Key Concurrency Conflict'],
  [422, 'Idempotency-Key Reuse'],
  [429, 'Rate Limit Exceeded'],
  [503, 'Unknown Error'],
])

function refuse(
  status: number,
  detail: string,
  title = TITLES.get(status) ?? 'Unknown Error',
  errors?: JsonObject,
): TwinAnswer {
  const type = `https://docs.truelayer.com/docs/error-types#${title.toLowerCase().replaceAll(' ', '-')}`
  return {
    status,
    body: { type, title, status, detail, trace_id: '2dcda79d9a30654d878a9daf69eeea15', ...(errors ? { errors } : {}) },
  }
}

const invalid = (field: string, words: string): TwinAnswer =>
  refuse(400, 'The request body was invalid.', 'Invalid Parameters', { [field]: [words] })

const invalidState = (words: string): TwinAnswer => refuse(400, words, 'Invalid State')

const missing = (what: string): TwinAnswer => refuse(404, `${what} could not be found.`)

const objectAt = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}

const textAt = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const amountIn = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined

/** Ids of TrueLayer are UUIDs. */
const idOf = ({ nextId }: TwinCall): string => {
  const count = Number(/\d+$/.exec(nextId('id_'))?.[0] ?? 0)
  return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`
}

const timeOf = ({ now }: TwinCall): string => new Date(now).toISOString()

function issueToken({ body, issue, issued }: TwinCall): TwinAnswer {
  const scope = textAt(body.scope) ?? 'info accounts balance transactions offline_access'
  const token = { access_token: issue('access', 3600), expires_in: 3600, token_type: 'Bearer', scope }
  if (body.grant_type === 'client_credentials') return { body: token }
  if (body.grant_type === 'authorization_code')
    return { body: { ...token, refresh_token: issue('refresh', 7_776_000) } }
  if (body.grant_type !== 'refresh_token') return { status: 400, body: { error: 'unsupported_grant_type' } }
  return issued('refresh', textAt(body.refresh_token) ?? '')
    ? { body: { ...token, refresh_token: body.refresh_token ?? null } }
    : { status: 400, body: { error: 'invalid_grant', error_description: 'The refresh token is invalid.' } }
}

/** A payer: one known by id, or made of name and address. */
function payerIn(call: TwinCall): string | undefined {
  const user = objectAt(call.body.user)
  const known = textAt(user.id)
  if (known !== undefined) return known
  return textAt(user.name) && (textAt(user.email) || textAt(user.phone)) ? idOf(call) : undefined
}

function createPayment(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const amount = amountIn(body.amount_in_minor)
  if (amount === undefined) return invalid('amount_in_minor', 'Must be a positive whole number.')
  const currency = textAt(body.currency)
  if (!currency || !/^[A-Z]{3}$/.test(currency)) return invalid('currency', 'Unknown value.')
  const method = objectAt(body.payment_method)
  const id = idOf(call)
  const made = shape.payment({
    id,
    amount_in_minor: amount,
    currency,
    payment_method: method,
    created_at: timeOf(call),
    metadata: objectAt(body.metadata),
  })
  const { executed_at: _executed, settled_at: _settled, payment_source: _source, ...waiting } = made
  if (method.type === 'mandate') {
    const mandate = state('mandates').get(textAt(method.mandate_id) ?? '')
    if (mandate?.status !== 'authorized') return invalid('payment_method.mandate_id', 'The mandate is not authorized.')
    if (amount > Number(objectAt(mandate.constraints).maximum_individual_amount)) {
      return invalid('amount_in_minor', 'More than the mandate allows.')
    }
    execute(call, { ...waiting, user: mandate.user ?? null })
    return { status: 201, body: { id, user: mandate.user ?? null, resource_token: 'twin-token', status: 'authorized' } }
  }
  const account = textAt(objectAt(method.beneficiary).merchant_account_id) ?? ''
  if (method.type !== 'bank_transfer') return invalid('payment_method.type', 'Unknown value.')
  if (!state('accounts').has(account))
    return invalid('payment_method.beneficiary.merchant_account_id', 'Unknown account.')
  const user = payerIn(call)
  if (user === undefined) return invalid('user', 'Must have an id, or a name with email or phone.')
  state('payments').set(id, { ...waiting, user: { id: user }, status: 'authorization_required' })
  return { status: 201, body: shape.created({ id, user: { id: user }, resource_token: 'twin-token' }) }
}

/** The bank says yes: the money is in the merchant account. */
function execute(call: TwinCall, payment: JsonObject): JsonObject {
  const time = timeOf(call)
  const isRefused = Number(payment.amount_in_minor) > 10_000_000
  const done: JsonObject = isRefused
    ? {
        ...payment,
        status: 'failed',
        failed_at: time,
        failure_stage: 'authorized',
        failure_reason: 'provider_rejected',
      }
    : { ...payment, status: 'executed', executed_at: time }
  call.state('payments').set(String(payment.id), done)
  if (!isRefused) move(call, { type: 'merchant_account_payment', payment_id: payment.id ?? null }, payment, 1)
  return done
}

/** A movement of the merchant account, and its balance. */
function move(call: TwinCall, about: JsonObject, of: JsonObject, sign: 1 | -1): void {
  const { state } = call
  const amount = Number(of.amount_in_minor)
  const currency = of.currency ?? 'GBP'
  const id = idOf(call)
  state('transactions').set(id, {
    id,
    ...about,
    currency,
    amount_in_minor: amount,
    status: sign === 1 ? 'settled' : 'executed',
    [sign === 1 ? 'settled_at' : 'executed_at']: timeOf(call),
    created_at: timeOf(call),
  })
  const account = state('accounts').get(shape.MERCHANT_ACCOUNT) ?? {}
  state('accounts').set(shape.MERCHANT_ACCOUNT, {
    ...account,
    available_balance_in_minor: Number(account.available_balance_in_minor) + sign * amount,
    current_balance_in_minor: Number(account.current_balance_in_minor) + sign * amount,
  })
}

/** Runs `act` with the thing of the path. */
const withThing =
  (collection: string, what: string, act: (call: TwinCall, thing: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const thing = call.state(collection).get(call.path.id ?? '')
    return thing ? act(call, thing) : missing(what)
  }

const shown = (collection: string, what: string) => withThing(collection, what, (_, thing) => ({ body: thing }))

const beginFlow = (collection: string, what: string) =>
  withThing(collection, what, (call, thing) => {
    if (thing.status !== 'authorization_required' && thing.status !== 'authorizing') {
      return invalidState(`The ${what.toLowerCase()} is ${String(thing.status)}.`)
    }
    if (!textAt(objectAt(call.body.redirect).return_uri)) return invalid('redirect.return_uri', 'Must be given.')
    call.state(collection).set(String(thing.id), { ...thing, status: 'authorizing' })
    const uri = `https://bank.example/bank?${collection}=${String(thing.id)}`
    return { body: shape.flow({ authorization_flow: { actions: { next: { type: 'redirect', uri } } } }) }
  })

/** The payer at the bank. */
function visitBank(call: TwinCall): TwinAnswer {
  const { query, state } = call
  const payment = state('payments').get(query.payments ?? '')
  if (payment?.status === 'authorizing') execute(call, payment)
  const mandate = state('mandates').get(query.mandates ?? '')
  if (mandate?.status === 'authorizing') {
    state('mandates').set(String(mandate.id), { ...mandate, status: 'authorized', authorized_at: timeOf(call) })
  }
  return payment || mandate ? { body: 'Thank you.' } : { status: 404, body: 'Nothing to authorise.' }
}

const cancelPayment = withThing('payments', 'Payment', (call, payment) => {
  if (payment.status !== 'authorization_required' && payment.status !== 'authorizing') {
    return invalidState(`The payment is ${String(payment.status)}.`)
  }
  call.state('payments').set(String(payment.id), {
    ...payment,
    status: 'failed',
    failed_at: timeOf(call),
    failure_stage: payment.status,
    failure_reason: 'canceled',
  })
  return { status: 202, body: '' }
})

const refundsOf = ({ state }: TwinCall, payment: JsonObject): JsonObject[] =>
  [...state('refunds').values()].filter((refund) => refund.payment === payment.id)

const withoutOwner = ({ payment: _own, ...refund }: JsonObject): JsonObject => refund

const createRefund = withThing('payments', 'Payment', (call, payment) => {
  const { body, state } = call
  if (payment.status !== 'executed' && payment.status !== 'settled') {
    return invalidState(`The payment is ${String(payment.status)}.`)
  }
  if (!textAt(body.reference)) return invalid('reference', 'Must be given.')
  const left =
    Number(payment.amount_in_minor) -
    refundsOf(call, payment).reduce((sum, { amount_in_minor }) => sum + Number(amount_in_minor), 0)
  const amount = amountIn(body.amount_in_minor)
  if (amount === undefined || amount > left) return invalid('amount_in_minor', 'More than can be refunded.')
  const id = idOf(call)
  const refund = shape.refund({
    id,
    amount_in_minor: amount,
    currency: payment.currency ?? null,
    reference: body.reference ?? null,
    created_at: timeOf(call),
  })
  state('refunds').set(id, { ...refund, payment: payment.id ?? null })
  move(call, { type: 'refund', refund_id: id }, refund, -1)
  return { status: 202, body: { id } }
})

const listRefunds = withThing('payments', 'Payment', (call, payment) => ({
  body: { items: refundsOf(call, payment).map(withoutOwner) },
}))

/** What TrueLayer wants to know of who is paid, by kind. */
const WANTED: Record<string, readonly string[]> = {
  external_account: ['account_holder_name', 'account_identifier', 'reference'],
  payment_source: ['payment_source_id', 'user_id', 'reference'],
  business_account: ['reference'],
}

function createPayout(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const account = state('accounts').get(textAt(body.merchant_account_id) ?? '')
  if (!account) return invalid('merchant_account_id', 'Unknown account.')
  const amount = amountIn(body.amount_in_minor)
  if (amount === undefined) return invalid('amount_in_minor', 'Must be a positive whole number.')
  if (body.currency !== account.currency) return invalid('currency', 'Not the currency of the account.')
  if (amount > Number(account.available_balance_in_minor)) return invalid('amount_in_minor', 'Insufficient funds.')
  const beneficiary = objectAt(body.beneficiary)
  const wanted = WANTED[String(beneficiary.type)]
  if (!wanted) return invalid('beneficiary.type', 'Unknown value.')
  const lacking = wanted.find((name) => beneficiary[name] === undefined)
  if (lacking !== undefined) return invalid(`beneficiary.${lacking}`, 'Must be given.')
  const id = idOf(call)
  const payout = shape.payout({
    id,
    amount_in_minor: amount,
    currency: body.currency ?? null,
    beneficiary,
    created_at: timeOf(call),
    executed_at: timeOf(call),
  })
  state('payouts').set(id, payout)
  move(call, { type: 'payout', payout_id: id }, payout, -1)
  return { status: 202, body: { id } }
}

function createMandate(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const { type, beneficiary } = objectAt(body.mandate)
  if (type !== 'sweeping' && type !== 'commercial') return invalid('mandate.type', 'Unknown value.')
  const constraints = objectAt(body.constraints)
  if (amountIn(constraints.maximum_individual_amount) === undefined) {
    return invalid('constraints.maximum_individual_amount', 'Must be given.')
  }
  const user = payerIn(call)
  if (user === undefined) return invalid('user', 'Must have an id, or a name with email or phone.')
  const id = idOf(call)
  state('mandates').set(
    id,
    shape.mandate({
      id,
      type,
      status: 'authorization_required',
      currency: body.currency ?? null,
      user: { id: user },
      beneficiary: beneficiary ?? null,
      constraints,
      created_at: timeOf(call),
    }),
  )
  return { status: 201, body: { id, user: { id: user }, resource_token: 'twin-token' } }
}

const revokeMandate = withThing('mandates', 'Mandate', (call, mandate) => {
  if (mandate.status !== 'authorized') return invalidState(`The mandate is ${String(mandate.status)}.`)
  call.state('mandates').set(String(mandate.id), { ...mandate, status: 'revoked', revoked_at: timeOf(call) })
  return { status: 204, body: '' }
})

const PAGE = 50

const listTransactions = withThing('accounts', 'Merchant account', ({ query, state }) => {
  const [from, until] = [Date.parse(query.from ?? ''), Date.parse(query.to ?? '')]
  if (Number.isNaN(from) || Number.isNaN(until)) return invalid('from', 'Must be given, as must be to.')
  const all = [...state('transactions').values()]
    .filter(({ created_at }) => Date.parse(String(created_at)) >= from && Date.parse(String(created_at)) <= until)
    .reverse()
  const at = Number(query.cursor ?? 0)
  const next = at + PAGE < all.length ? String(at + PAGE) : undefined
  return { body: shape.page(all.slice(at, at + PAGE), next) }
})

/** Numbers as banks have them: the examples have texts, which only exact reading gives. */
const numbered = (transaction: JsonObject): JsonObject => ({ ...transaction, amount: Number(transaction.amount) })

function listAccountTransactions({ path }: TwinCall): TwinAnswer {
  if (path.account_id !== shape.account().account_id) {
    return {
      status: 404,
      body: { error: 'account_not_found', error_description: 'The requested account cannot be found.' },
    }
  }
  const salary = { transaction_type: 'CREDIT', transaction_category: 'CREDIT', description: 'SALARY', amount: 1800 }
  const transactions = [shape.accountTransaction(), shape.accountTransaction({ ...salary, transaction_id: 'b2' })]
  return { body: { results: transactions.map(numbered), status: 'Succeeded' } }
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') return refuse(401, message)
    if (kind === 'not-found') return refuse(404, message)
    if (kind === 'invalid') return refuse(400, message)
    return refuse(kind === 'rate-limited' ? 429 : 503, message)
  },
  keyReused: () => refuse(422, 'The Idempotency-Key value has already been used for a different request.'),
  operations: {
    'payment.create': createPayment,
    'payment.get': shown('payments', 'Payment'),
    'payment.authorize': beginFlow('payments', 'Payment'),
    'payment.cancel': cancelPayment,
    'refund.create': shown('payments', 'Payment'),
    'refund.list': listRefunds,
    'payout.create': createPayout,
    'payout.get': shown('payouts', 'Payout'),
    'mandate.create': createMandate,
    'mandate.authorize': beginFlow('mandates', 'Mandate'),
    'mandate.revoke': revokeMandate,
    'balance.get': ({ state }) => ({ body: shape.page([...state('accounts').values()]) }),
    'merchant-account.list': ({ state }) => ({ body: shape.page([...state('accounts').values()]) }),
    'merchant-account.get': shown('accounts', 'Merchant account'),
    'transaction.list': listTransactions,
    'account.list': () => ({ body: { results: [shape.account()], status: 'Succeeded' } }),
    'account.transaction.list': listAccountTransactions,
  },
  routes: {
    'POST /connect/token': issueToken,
    'POST /v3/payments/{id}/refunds': createRefund,
    'GET /v3/mandates/{id}': shown('mandates', 'Mandate'),
    'GET /bank': visitBank,
  },
  discriminate: ({ method, template }) => {
    if (method !== 'GET') return undefined
    if (template === '/v3/payments/{id}') return 'payment.get'
    return template === '/v3/merchant-accounts' ? 'balance.get' : undefined
  },
  open: ['GET /bank'],
  seed: (state) => void state('accounts').set(shape.MERCHANT_ACCOUNT, shape.merchantAccount()),
}
