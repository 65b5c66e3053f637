// Requests of the XML API, as JSON. The server turns the JSON into XML and holds it against AnetApiSchema.xsd, so that the
// ORDER of members counts: every object here is written in the order of the schema. All go to one path, told apart by
// their only member.
import {
  type BodyValue,
  basic,
  currencyExponent,
  decimalAmount,
  type HttpRequestSpec,
  inBody,
  type JsonObject,
  type JsonValue,
  post,
  secret,
  secretInBody,
  sentinelNumber,
  unsupported,
} from '../../../adapter/index.ts'

const LOGIN = secret('AUTHORIZENET_API_LOGIN_ID')
const KEY = secret('AUTHORIZENET_TRANSACTION_KEY')

/** The XML API has its credential in the body. */
export const auth = inBody()
/** The webhooks' REST API, by the same two. */
export const restAuth = basic(LOGIN, KEY)

/** One call; amounts in its answer come as the texts that were sent. */
export const call = (root: string, members: Record<string, BodyValue | undefined> = {}): HttpRequestSpec =>
  post('/xml/v1/request.api', {
    json: {
      [root]: {
        merchantAuthentication: { name: secretInBody(LOGIN), transactionKey: secretInBody(KEY) },
        ...members,
      },
    },
    answer: 'exact-json',
  })

/** `createTransactionRequest`; the members follow the type in the order of `transactionRequestType`. */
export const transaction = (transactionType: string, members: Record<string, unknown>): HttpRequestSpec =>
  call('createTransactionRequest', { transactionRequest: { transactionType, ...members } as BodyValue })

export const transactionDetails = (id: string): HttpRequestSpec => call('getTransactionDetailsRequest', { transId: id })

export const merchantDetails = (): HttpRequestSpec => call('getMerchantDetailsRequest')

/** Decimal text with two places, which is all that Authorize.Net counts in. */
export function decimal(amount: number, currency: string): string {
  if (sentinelNumber(currency) === undefined && currencyExponent(currency) !== 2) {
    throw unsupported(
      `Authorize.Net counts in hundredths, and ${currency.toUpperCase()} has none`,
      'Take the payment in the currency of the account.',
    )
  }
  return decimalAmount(amount, currency)
}

// Ids are decimal numbers, far shorter than the number of a card; in a plan either may be known later.
const ID = String.raw`\d{1,12}|ifab-ref-\d{5}`
const PROFILE = new RegExp(`^profile:(?:(${ID})/)?(${ID})$`)
const NONCE = /^nonce:(?=.*[A-Za-z])([A-Za-z0-9+/=._-]{8,})$/

/** What pays, as `payment` or `profile` of a transaction. Never repeats what it refuses: it may be the number of a card. */
export function paidBy(source: string | undefined, customer: string | undefined): Record<string, BodyValue> {
  const nonce = NONCE.exec(source ?? '')?.[1]
  if (nonce !== undefined && customer === undefined) {
    return { payment: { opaqueData: { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue: nonce } } }
  }
  const { customerProfileId, paymentProfileId } = profileOf(source, customer)
  return { profile: { customerProfileId, paymentProfile: { paymentProfileId } } }
}

/** The two ids of a stored way to pay. */
export function profileOf(
  source: string | undefined,
  customer: string | undefined,
): { customerProfileId: string; paymentProfileId: string } {
  const [, named, paymentProfileId] = PROFILE.exec(source ?? '') ?? []
  const customerProfileId = named ?? customer
  if (paymentProfileId === undefined || customerProfileId === undefined) throw unsupported(NO_SOURCE, SOURCES)
  if (customer !== undefined && customer !== customerProfileId) {
    throw unsupported('source names the profile of another customer', 'Leave customer out, or give the same id twice.')
  }
  return { customerProfileId, paymentProfileId }
}

const NO_SOURCE =
  'Authorize.Net needs a source that names a nonce or a stored profile; numbers of cards are never taken'
const SOURCES =
  'source is `nonce:…` (a payment nonce of Accept.js, without customer), `profile:<customer profile>/<payment profile>`, or `profile:<payment profile>` with customer.'

/** A text within the schema's length; what a plan does not know yet passes. */
export function within(text: string | undefined, name: string, most: number): string | undefined {
  if (text === undefined || text.length <= most || sentinelNumber(text) !== undefined) return text
  throw unsupported(`${name} is ${text.length} characters long`, `Authorize.Net takes at most ${most} there.`)
}

/** `orderType`, where there is anything to say. */
export function orderOf(reference: string | undefined, description: string | undefined): { order?: JsonObject } {
  const invoiceNumber = within(reference, 'reference', 20)
  const words = within(description, 'description', 255)
  const order = {
    ...(invoiceNumber === undefined ? {} : { invoiceNumber }),
    ...(words === undefined ? {} : { description: words }),
  }
  return Object.keys(order).length === 0 ? {} : { order }
}

/** The members of an object in this order, and no others. */
export function inOrder(value: JsonValue | undefined, names: readonly string[], where: string): JsonObject | undefined {
  if (value === undefined) return undefined
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw unsupported(`native.${where} is not an object`, `It may have ${names.join(', ')}.`)
  }
  const stranger = Object.keys(value).find((name) => !names.includes(name))
  if (stranger !== undefined) {
    throw unsupported(`native.${where} may not have ${stranger}`, `It may have ${names.join(', ')}.`)
  }
  const entries = names.flatMap((name) => {
    const member = value[name]
    return member === undefined ? [] : [[name, member] as const]
  })
  return Object.fromEntries(entries)
}

const NAME_AND_ADDRESS = ['firstName', 'lastName', 'company', 'address', 'city', 'state', 'zip', 'country']

/** `customerAddressType`. */
export const billTo = (value: JsonValue | undefined): JsonObject | undefined =>
  inOrder(value, [...NAME_AND_ADDRESS, 'phoneNumber', 'faxNumber', 'email'], 'billTo')

/** `nameAndAddressType`. */
export const shipTo = (value: JsonValue | undefined): JsonObject | undefined =>
  inOrder(value, NAME_AND_ADDRESS, 'shipTo')
