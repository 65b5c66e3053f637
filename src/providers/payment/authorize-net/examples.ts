// Answers of Authorize.Net, whole as its schema and published samples have them. Examples and the twin are made from the same
// shapes. Numbers in details are JSON numbers; an example has them as `exact-json` reads them, as texts.
import type { JsonObject } from '../../../adapter/index.ts'

export const TRANSACTION = '40005915599'
export const CUSTOMER = '1519789911'
export const PAYMENT_PROFILE = '716666891'

const OK = { resultCode: 'Ok', message: [{ code: 'I00001', text: 'Successful.' }] }

/** A call that went well. */
export const ok = (members: JsonObject = {}): JsonObject => ({ ...members, messages: OK })

/** The answer to a transaction that was approved, with changes. */
export const approved = (changes: JsonObject = {}): JsonObject =>
  ok({
    transactionResponse: {
      responseCode: '1',
      authCode: 'QWX20S',
      avsResultCode: 'Y',
      cvvResultCode: 'P',
      cavvResultCode: '2',
      transId: TRANSACTION,
      refTransID: '',
      transHash: '',
      testRequest: '0',
      accountNumber: 'XXXX1111',
      accountType: 'Visa',
      messages: [{ code: '1', description: 'This transaction has been approved.' }],
      transHashSha2: '',
      SupplementalDataQualificationIndicator: 0,
      networkTransId: '305237580016463',
      ...changes,
    },
  })

/** A transaction of 25.00 that waits for the night, with changes. */
export const transaction = (changes: JsonObject = {}): JsonObject => ({
  transId: TRANSACTION,
  submitTimeUTC: '2026-11-25T16:30:49.39Z',
  submitTimeLocal: '2026-11-25T10:30:49.39',
  transactionType: 'authCaptureTransaction',
  transactionStatus: 'capturedPendingSettlement',
  responseCode: 1,
  responseReasonCode: 1,
  responseReasonDescription: 'Approval',
  authCode: 'QWX20S',
  AVSResponse: 'Y',
  authAmount: '25.00',
  settleAmount: '25.00',
  taxExempt: false,
  payment: { creditCard: { cardNumber: 'XXXX1111', expirationDate: 'XXXX', cardType: 'Visa' } },
  recurringBilling: false,
  product: 'Card Not Present',
  marketType: 'eCommerce',
  ...changes,
})

export const details = (changes: JsonObject = {}): JsonObject => ok({ transaction: transaction(changes) })

export const merchant = (changes: JsonObject = {}): JsonObject =>
  ok({
    isTestMode: false,
    processors: [{ name: 'First Data Nashville', id: 2 }],
    merchantName: 'Studio Shop',
    gatewayId: '565697',
    marketTypes: ['eCommerce'],
    productCodes: ['CNP'],
    paymentMethods: ['Visa', 'MasterCard'],
    currencies: ['USD'],
    ...changes,
  })

export const customer = (changes: JsonObject = {}): JsonObject => ({
  customerProfileId: CUSTOMER,
  merchantCustomerId: 'C-17',
  description: 'Ellen Johnson',
  email: 'ellen@example.com',
  paymentProfiles: [
    {
      customerPaymentProfileId: PAYMENT_PROFILE,
      payment: { creditCard: { cardNumber: 'XXXX1111', expirationDate: 'XXXX', cardType: 'Visa' } },
    },
  ],
  ...changes,
})

export const webhook = (changes: JsonObject = {}): JsonObject => ({
  _links: { self: { href: '/rest/v1/webhooks/72a55c78-66e6-4b1e-a4d6-3f925c00561f' } },
  webhookId: '72a55c78-66e6-4b1e-a4d6-3f925c00561f',
  eventTypes: ['net.authorize.payment.authcapture.created'],
  status: 'active',
  url: 'https://hooks.example.com/hooks/shop',
  ...changes,
})
