// Transactions of the twin. A payment is settled a day after it was made; until then it can be voided, from then on refunded.
// Declines by the ZIP code of Authorize.Net's testing guide (46282); a nonce that begins with `held` stands for a payment
// that fraud filters hold, which the real sandbox has no number for.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { approved, transaction } from './examples.ts'
import { answered, refused } from './twin-answers.ts'

const DAY_MS = 86_400_000
const DEFAULT_WINDOW_SECONDS = 120

export const objectOf = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}

const textIn = (value: JsonValue | undefined): string => (value === undefined || value === null ? '' : String(value))

/** Hundredths of a decimal text or number. */
function hundredths(value: JsonValue | undefined): number | undefined {
  const [, whole = '', part = ''] = /^(\d+)(?:\.(\d{1,2})0*)?$/.exec(textIn(value)) ?? []
  return whole === '' ? undefined : Number(whole) * 100 + Number(part.padEnd(2, '0'))
}

/** A decimal number of JSON. */
const decimal = (amount: number): number => Number((amount / 100).toFixed(2))

/** The answer of the transaction server: refused for a reason, under E00027. */
const declined = (responseCode: '2' | '3', errorCode: string, errorText: string): TwinAnswer =>
  refused('E00027', 'The transaction was unsuccessful.', {
    transactionResponse: {
      ...objectOf(approved({ responseCode, authCode: '', transId: '0' }).transactionResponse),
      messages: [],
      errors: [{ errorCode, errorText }],
    },
  })

export function createTransaction(call: TwinCall): TwinAnswer {
  const asked = objectOf(objectOf(call.body.createTransactionRequest).transactionRequest)
  switch (asked.transactionType) {
    case 'authCaptureTransaction':
    case 'authOnlyTransaction':
      return take(call, asked)
    case 'priorAuthCaptureTransaction':
      return capture(call, asked)
    case 'voidTransaction':
      return cancel(call, asked)
    case 'refundTransaction':
      return refund(call, asked)
    default:
      return refused('E00013', 'Transaction Type is invalid.')
  }
}

function take(call: TwinCall, asked: JsonObject): TwinAnswer {
  const amount = hundredths(asked.amount)
  if (amount === undefined || amount === 0) return declined('3', '5', 'A valid amount is required.')
  if (textIn(asked.currencyCode || 'USD') !== 'USD') {
    return declined('3', '39', 'The supplied currency code is either invalid, not supported, or not allowed.')
  }
  const paid = payerOf(call, asked)
  if ('refusal' in paid) return paid.refusal
  if (objectOf(asked.billTo).zip === '46282') return declined('2', '2', 'This transaction has been declined.')
  const order = objectOf(asked.order)
  const mark = JSON.stringify([paid.mark, amount, textIn(order.invoiceNumber)])
  if (isRepeated(call, mark, settingOf(asked, 'duplicateWindow'))) {
    return declined('3', '11', 'A duplicate transaction has been submitted.')
  }
  const isHeld = paid.mark.startsWith('nonce held')
  const captures = asked.transactionType === 'authCaptureTransaction'
  const id = nextTransactionId(call)
  const state = captures ? 'capturedPendingSettlement' : 'authorizedPendingCapture'
  keep(call, {
    ...transaction({
      transId: id,
      transactionType: textIn(asked.transactionType),
      transactionStatus: isHeld ? 'FDSPendingReview' : state,
      authAmount: decimal(amount),
      settleAmount: decimal(captures ? amount : 0),
      ...(asked.order === undefined ? {} : { order }),
    }),
    ...timesOf(call.now),
  })
  return isHeld
    ? answered(
        approved({
          responseCode: '4',
          transId: id,
          messages: [{ code: '253', description: 'Your order has been received. Thank you for your business!' }],
        }),
      )
    : answered(approved({ transId: id }))
}

/** What pays, and how the duplicate window knows it again. */
function payerOf(call: TwinCall, asked: JsonObject): { mark: string } | { refusal: TwinAnswer } {
  const { opaqueData, creditCard } = objectOf(asked.payment)
  if (opaqueData !== undefined) {
    const nonce = textIn(objectOf(opaqueData).dataValue)
    if (nonce === '' || call.state('nonces').has(nonce)) return { refusal: refused('E00114', 'Invalid OTS Token.') }
    call.state('nonces').set(nonce, { spentAt: call.now })
    return { mark: `nonce ${nonce}` }
  }
  if (creditCard !== undefined) return { mark: `card ${textIn(objectOf(creditCard).cardNumber)}` }
  const profile = objectOf(asked.profile)
  const customer = call.state('customers').get(textIn(profile.customerProfileId))
  const wanted = textIn(objectOf(profile.paymentProfile).paymentProfileId)
  const profiles = Array.isArray(customer?.paymentProfiles) ? customer.paymentProfiles : []
  return profiles.some((known) => objectOf(known).customerPaymentProfileId === wanted)
    ? { mark: `profile ${wanted}` }
    : { refusal: refused('E00040', 'Customer Profile ID or Customer Payment Profile ID not found.') }
}

function isRepeated(call: TwinCall, mark: string, window: string | undefined): boolean {
  const windowMs = Number(window ?? DEFAULT_WINDOW_SECONDS) * 1000
  const last = call.state('marks').get(mark)
  const repeated = last !== undefined && call.now - Number(last.at) < windowMs
  if (!repeated) call.state('marks').set(mark, { at: call.now })
  return repeated
}

function settingOf(asked: JsonObject, name: string): string | undefined {
  const { setting } = objectOf(asked.transactionSettings)
  const found = (Array.isArray(setting) ? setting : [setting ?? {}]).map(objectOf)
  const value = found.find(({ settingName }) => settingName === name)?.settingValue
  return value === undefined ? undefined : textIn(value)
}

const nextTransactionId = ({ nextId }: TwinCall): string =>
  String(60_200_000_000 + Number(/\d+$/.exec(nextId('t'))?.[0] ?? 1))

/** As the real server writes both: the local one has no offset. */
function timesOf(now: number): JsonObject {
  const submitTimeUTC = new Date(now).toISOString()
  return { submitTimeUTC, submitTimeLocal: submitTimeUTC.slice(0, -1) }
}

const keep = ({ state }: TwinCall, kept: JsonObject): void => void state('transactions').set(textIn(kept.transId), kept)

/** A transaction as it stands now: what was captured, or refunded, settles with the day. */
function transactionOf({ state, now }: TwinCall, id: string): JsonObject | undefined {
  const found = state('transactions').get(id)
  if (!found || now - Date.parse(textIn(found.submitTimeUTC)) < DAY_MS) return found
  const settled: Record<string, string> = {
    capturedPendingSettlement: 'settledSuccessfully',
    refundPendingSettlement: 'refundSettledSuccessfully',
  }
  const status = textIn(found.transactionStatus)
  return { ...found, transactionStatus: settled[status] ?? status }
}

const NOT_FOUND = () => declined('3', '16', 'The transaction cannot be found.')

/** Approved, with the code that tells that nothing was left to do. */
const already = (id: string, code: string, description: string): TwinAnswer =>
  answered(approved({ transId: '0', refTransID: id, authCode: '', messages: [{ code, description }] }))

function capture(call: TwinCall, asked: JsonObject): TwinAnswer {
  const id = textIn(asked.refTransId)
  const found = transactionOf(call, id)
  if (!found) return NOT_FOUND()
  if (found.transactionStatus === 'capturedPendingSettlement') {
    return already(id, '311', 'This transaction has already been captured.')
  }
  if (found.transactionStatus !== 'authorizedPendingCapture') return NOT_FOUND()
  const authorised = hundredths(found.authAmount) ?? 0
  const amount = asked.amount === undefined ? authorised : hundredths(asked.amount)
  if (amount === undefined) return declined('3', '5', 'A valid amount is required.')
  if (amount > authorised) {
    return declined('3', '47', 'The amount requested for settlement cannot be greater than the original amount.')
  }
  keep(call, { ...found, transactionStatus: 'capturedPendingSettlement', settleAmount: decimal(amount) })
  return answered(approved({ transId: id, refTransID: id }))
}

function cancel(call: TwinCall, asked: JsonObject): TwinAnswer {
  const id = textIn(asked.refTransId)
  const found = transactionOf(call, id)
  if (found?.transactionStatus === 'voided') return already(id, '310', 'This transaction has already been voided.')
  if (!found || !UNSETTLED.includes(textIn(found.transactionStatus))) return NOT_FOUND()
  keep(call, { ...found, transactionStatus: 'voided', settleAmount: 0 })
  return answered(approved({ transId: id, refTransID: id }))
}

const UNSETTLED = [
  'authorizedPendingCapture',
  'capturedPendingSettlement',
  'refundPendingSettlement',
  'FDSPendingReview',
]

function refund(call: TwinCall, asked: JsonObject): TwinAnswer {
  const refTransId = textIn(asked.refTransId)
  const paid = transactionOf(call, refTransId)
  if (!paid) return NOT_FOUND()
  const card = textIn(objectOf(objectOf(asked.payment).creditCard).cardNumber)
  const known = textIn(objectOf(objectOf(paid.payment).creditCard).cardNumber)
  if (paid.transactionStatus !== 'settledSuccessfully' || card.length < 4 || !known.endsWith(card.slice(-4))) {
    return declined('3', '54', 'The referenced transaction does not meet the criteria for issuing a credit.')
  }
  const amount = hundredths(asked.amount)
  if (amount === undefined || amount === 0) return declined('3', '5', 'A valid amount is required.')
  const refunded = [...call.state('transactions').values()]
    .filter((other) => other.refTransId === refTransId && other.transactionStatus !== 'voided')
    .reduce((sum, other) => sum + (hundredths(other.settleAmount) ?? 0), 0)
  if (refunded + amount > (hundredths(paid.settleAmount) ?? 0)) {
    return declined(
      '3',
      '55',
      'The sum of credits against the referenced transaction would exceed original debit amount.',
    )
  }
  const id = nextTransactionId(call)
  keep(call, {
    ...transaction({
      transId: id,
      refTransId,
      transactionType: 'refundTransaction',
      transactionStatus: 'refundPendingSettlement',
      authAmount: decimal(amount),
      settleAmount: decimal(amount),
    }),
    ...timesOf(call.now),
  })
  return answered(approved({ transId: id, refTransID: refTransId, authCode: '' }))
}

export function transactionDetails(call: TwinCall): TwinAnswer {
  const id = textIn(objectOf(call.body.getTransactionDetailsRequest).transId)
  const found = transactionOf(call, id)
  return found ? answered({ transaction: found }) : refused('E00040', 'The record cannot be found.')
}

/** A payment of last year, so that there is something to refund. */
export const SETTLED = transaction({
  transId: '60199999999',
  submitTimeUTC: '2025-11-25T16:30:49.39Z',
  submitTimeLocal: '2025-11-25T10:30:49.39',
  authAmount: 25,
  settleAmount: 25,
})
