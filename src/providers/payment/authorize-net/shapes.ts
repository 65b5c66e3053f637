// What Authorize.Net answers, as far as the definition reads it, in standard terms. Details of a transaction do not name its
// currency: an account has one, and `getMerchantDetailsRequest` tells it.
import {
  type FurtherRequest,
  fromDecimalNumber,
  type JsonValue,
  ProviderFault,
  readAs,
  type StepAnswer,
  z,
} from '../../../adapter/index.ts'
import { merchantDetails } from './requests.ts'

const amount = z.union([z.string(), z.number()])

const taken = z.object({ transactionResponse: z.object({ responseCode: z.string(), transId: z.string() }) })

const details = z.object({
  transaction: z.object({
    transId: z.string(),
    transactionStatus: z.string(),
    authAmount: amount,
    settleAmount: amount,
    payment: z.object({ creditCard: z.object({ cardNumber: z.string() }).optional() }).optional(),
  }),
})
export type Transaction = z.output<typeof details>['transaction']

const merchant = z.object({
  merchantName: z.string(),
  gatewayId: z.string(),
  isTestMode: z.boolean().optional(),
  currencies: z.array(z.string()),
})

export const customerAnswer = z.object({ customerProfileId: z.string() })
export const subscriptionAnswer = z.object({ subscriptionId: z.string() })
export const subscriptionStatus = z.object({ status: z.string() })
export const webhookAnswer = z.object({ webhookId: z.string() })

const customerDetails = z.object({
  profile: z.object({
    customerProfileId: z.string(),
    merchantCustomerId: z.string().optional(),
    email: z.string().optional(),
    description: z.string().optional(),
    paymentProfiles: z
      .array(
        z.object({
          customerPaymentProfileId: z.string(),
          payment: z.object({ creditCard: z.object({ cardNumber: z.string() }).optional() }).optional(),
        }),
      )
      .default([]),
  }),
})

type PaymentStatus = 'pending' | 'needs_action' | 'authorized' | 'succeeded' | 'canceled' | 'failed'

// transactionStatusEnum of AnetApiSchema.xsd. Of a refund the two `refund…` ones.
const STATUS = new Map<string, PaymentStatus>(
  Object.entries({
    authorizedPendingCapture: 'authorized',
    capturedPendingSettlement: 'succeeded',
    settledSuccessfully: 'succeeded',
    chargebackReversal: 'succeeded',
    refundSettledSuccessfully: 'succeeded',
    voided: 'canceled',
    expired: 'canceled',
    declined: 'failed',
    communicationError: 'failed',
    generalError: 'failed',
    failedReview: 'failed',
    settlementError: 'failed',
    returnedItem: 'failed',
    chargeback: 'failed',
  }),
)

/** A status that says neither, or that this version does not know, is `pending`. */
export const paymentStatus = (status: string): PaymentStatus => STATUS.get(status) ?? 'pending'

/** A transaction that was approved, or is held for somebody to look at. */
export function toTaken(body: JsonValue): { id: string; isHeld: boolean } {
  const { transactionResponse } = readAs(taken, body)
  return { id: transactionResponse.transId, isHeld: transactionResponse.responseCode === '4' }
}

export const toTransaction = (body: JsonValue): Transaction => readAs(details, body).transaction

export function toPayment(transaction: Transaction, currency: string) {
  const status = paymentStatus(transaction.transactionStatus)
  return {
    id: transaction.transId,
    status,
    amount: fromDecimalNumber(transaction.authAmount, currency),
    currency,
    captured: status === 'succeeded' ? fromDecimalNumber(transaction.settleAmount, currency) : 0,
  }
}

export function toMerchant(body: JsonValue) {
  const { merchantName, gatewayId, isTestMode = false, currencies } = readAs(merchant, body)
  return { name: merchantName, gatewayId, isTestMode, currencies }
}

/** The account's currency; a fault where it is not the one that is `wanted`. */
export function currencyIn(body: JsonValue, wanted: string | undefined): string {
  const { currencies } = toMerchant(body)
  const [currency = ''] = currencies
  if (currencies.length !== 1) {
    const has = currencies.length === 0 ? 'no currency' : `the currencies ${currencies.join(', ')}`
    throw refusal(`the account has ${has}, and the answers of Authorize.Net do not say which one an amount is in`)
  }
  if (wanted !== undefined && wanted.toUpperCase() !== currency.toUpperCase()) {
    throw refusal(`the account counts in ${currency}, not in ${wanted.toUpperCase()}`)
  }
  return currency.toUpperCase()
}

/** Asks for the account's currency, between the requests of an operation. */
export function* askCurrency(wanted?: string): Generator<FurtherRequest, string, StepAnswer> {
  const answer = yield { request: merchantDetails(), reads: true }
  return currencyIn(answer.body, wanted)
}

export const refusal = (message: string, hint?: string): ProviderFault =>
  new ProviderFault({ code: 'IF_ERR_UNSUPPORTED', message, ...(hint === undefined ? {} : { hint }) })

/** The last four digits, which a refund has to name. */
export function lastFour({ payment }: Pick<Transaction, 'payment'>): string {
  const digits = /(\d{4})$/.exec(payment?.creditCard?.cardNumber ?? '')?.[1]
  if (digits !== undefined) return digits
  throw refusal('only payments by card can be refunded from here', 'Refund it in the Merchant Interface.')
}

export function toCustomer(body: JsonValue) {
  const { profile } = readAs(customerDetails, body)
  return {
    id: profile.customerProfileId,
    reference: profile.merchantCustomerId ?? null,
    email: profile.email ?? null,
    name: profile.description ?? null,
    paymentProfiles: profile.paymentProfiles.map(({ customerPaymentProfileId: id, payment }) => ({
      id,
      lastFour: /(\d{4})$/.exec(payment?.creditCard?.cardNumber ?? '')?.[1] ?? null,
    })),
  }
}
