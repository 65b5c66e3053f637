// The order of members in requests, as AnetApiSchema.xsd has it: the real server maps JSON to XML and refuses what stands in
// another order or is unknown, with E00003. Written from the schema, not from the definition's own builders.
import type { JsonObject, JsonValue } from '../../../adapter/index.ts'

/** Members in order; null where what is inside is not looked at. */
type Sequence = readonly (readonly [name: string, inside: Sequence | null])[]

const plain = (...names: string[]): Sequence => names.map((name) => [name, null] as const)

// Clients put `clientId` anywhere, as the official one puts it last; it is not looked at.
const CALL: Sequence = [
  ['merchantAuthentication', plain('name', 'transactionKey')],
  ['refId', null],
]

const ADDRESS = ['firstName', 'lastName', 'company', 'address', 'city', 'state', 'zip', 'country']
const NAME_AND_ADDRESS = plain(...ADDRESS)
const CUSTOMER_ADDRESS = plain(...ADDRESS, 'phoneNumber', 'faxNumber', 'email')

const PAYMENT: Sequence = [
  ['creditCard', plain('cardNumber', 'expirationDate', 'cardCode')],
  ['opaqueData', plain('dataDescriptor', 'dataValue')],
]
const ORDER = plain('invoiceNumber', 'description')

const TRANSACTION: Sequence = [
  ...plain('transactionType', 'amount', 'currencyCode'),
  ['payment', PAYMENT],
  [
    'profile',
    [
      ...plain('createProfile', 'customerProfileId'),
      ['paymentProfile', plain('paymentProfileId', 'cardCode')],
      ['shippingProfileId', null],
    ],
  ],
  ...plain('solution', 'callId', 'terminalNumber', 'authCode', 'refTransId', 'splitTenderId'),
  ['order', ORDER],
  ...plain('lineItems', 'tax', 'duty', 'shipping', 'taxExempt', 'poNumber'),
  ['customer', plain('type', 'id', 'email', 'driversLicense', 'taxId')],
  ['billTo', CUSTOMER_ADDRESS],
  ['shipTo', NAME_AND_ADDRESS],
  ...plain('customerIP', 'cardholderAuthentication', 'retail', 'employeeId'),
  ['transactionSettings', [['setting', plain('settingName', 'settingValue')]]],
  ['userFields', null],
]

const PAYMENT_PROFILE: Sequence = [
  ['customerType', null],
  ['billTo', CUSTOMER_ADDRESS],
  ['payment', PAYMENT],
  ...plain('driversLicense', 'taxId', 'defaultPaymentProfile'),
]

const SUBSCRIPTION: Sequence = [
  ['name', null],
  [
    'paymentSchedule',
    [['interval', plain('length', 'unit')], ...plain('startDate', 'totalOccurrences', 'trialOccurrences')],
  ],
  ...plain('amount', 'trialAmount'),
  ['payment', PAYMENT],
  ['order', ORDER],
  ['customer', null],
  ['billTo', NAME_AND_ADDRESS],
  ['shipTo', NAME_AND_ADDRESS],
  ['profile', plain('customerProfileId', 'customerPaymentProfileId', 'customerAddressId')],
]

/** By root member. */
const REQUESTS = new Map<string, Sequence>(
  Object.entries({
    authenticateTestRequest: CALL,
    getMerchantDetailsRequest: CALL,
    createTransactionRequest: [...CALL, ['transactionRequest', TRANSACTION]],
    getTransactionDetailsRequest: [...CALL, ['transId', null]],
    createCustomerProfileRequest: [
      ...CALL,
      [
        'profile',
        [
          ...plain('merchantCustomerId', 'description', 'email'),
          ['paymentProfiles', PAYMENT_PROFILE],
          ['shipToList', CUSTOMER_ADDRESS],
          ['profileType', null],
        ],
      ],
      ['validationMode', null],
    ],
    getCustomerProfileRequest: [...CALL, ...plain('customerProfileId', 'merchantCustomerId', 'email')],
    deleteCustomerProfileRequest: [...CALL, ['customerProfileId', null]],
    ARBCreateSubscriptionRequest: [...CALL, ['subscription', SUBSCRIPTION]],
    ARBCancelSubscriptionRequest: [...CALL, ['subscriptionId', null]],
    ARBGetSubscriptionStatusRequest: [...CALL, ['subscriptionId', null]],
  } satisfies Record<string, Sequence>),
)

/** What the schema has against a request, in the words of the real server; undefined where it is good. */
export function schemaFault(root: string, request: JsonValue | undefined): string | undefined {
  const sequence = REQUESTS.get(root)
  if (!sequence) return `The element '${root}' is not declared.`
  return misplaced(root, request, sequence)
}

function misplaced(parent: string, value: JsonValue | undefined, sequence: Sequence): string | undefined {
  if (Array.isArray(value)) {
    return value.map((item) => misplaced(parent, item, sequence)).find((fault) => fault !== undefined)
  }
  if (value === null || typeof value !== 'object') return undefined
  let at = 0
  for (const [name, member] of Object.entries(value as JsonObject)) {
    if (name === 'clientId') continue
    const place = sequence.findIndex(([known]) => known === name)
    if (place < at) return `The element '${parent}' has invalid child element '${name}'.`
    at = place
    const inside = sequence[place]?.[1]
    const fault = inside && misplaced(name, member, inside)
    if (fault) return fault
  }
  return undefined
}
