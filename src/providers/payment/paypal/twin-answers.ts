// What the twin's parts share: PayPal's errors, its ids, its reading of money, and answers that are short unless
// `Prefer: return=representation` asks for the whole.
import {
  fromDecimalAmount,
  type JsonObject,
  type JsonValue,
  type TwinAnswer,
  type TwinCall,
} from '../../../adapter/index.ts'

export function refuse(status: number, name: string, message: string, details: JsonObject[] = []): TwinAnswer {
  return {
    status,
    headers: { 'paypal-debug-id': 'b1d1f06c7246c' },
    body: { name, message, debug_id: 'b1d1f06c7246c', ...(details.length > 0 ? { details } : {}), links: [] },
  }
}

export const unprocessable = (issue: string, description?: string): TwinAnswer =>
  refuse(
    422,
    'UNPROCESSABLE_ENTITY',
    'The requested action could not be performed, semantically incorrect, or failed business validation.',
    [{ issue, ...(description === undefined ? {} : { description }) }],
  )

export const missing = (): TwinAnswer =>
  refuse(404, 'RESOURCE_NOT_FOUND', 'The specified resource does not exist.', [
    {
      issue: 'INVALID_RESOURCE_ID',
      description: 'Specified resource ID does not exist. Please check the resource ID and try again.',
    },
  ])

export const invalid = (field: string, issue: string, description: string): TwinAnswer =>
  refuse(400, 'INVALID_REQUEST', 'Request is not well-formed, syntactically incorrect, or violates schema.', [
    { field, location: 'body', issue, description },
  ])

/** PayPal's ids are capitals and digits. */
export const idOf = ({ nextId }: TwinCall, prefix: string): string => nextId(prefix).replaceAll('_', '').toUpperCase()

export const timeOf = ({ now }: TwinCall): string => new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z')

export const textIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export const objectAt = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}

export const listAt = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? value.map(objectAt) : [])

/** Without decimals (developer.paypal.com/docs/api/reference/currency-codes). */
const WHOLE_UNITS = ['HUF', 'JPY', 'TWD']

export interface Sum {
  minor: number
  currency: string
}

/** The amount, or PayPal's refusal. `code` is the member that names the currency. */
export function sumIn(value: JsonValue | undefined, field: string, code = 'currency_code'): Sum | TwinAnswer {
  const { value: text, [code]: currency } = objectAt(value)
  if (typeof text !== 'string' || !/^\d{1,15}(\.\d+)?$/.test(text)) {
    return invalid(
      `${field}/value`,
      'INVALID_PARAMETER_SYNTAX',
      'The value of a field does not conform to the expected format.',
    )
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    return invalid(`${field}/${code}`, 'INVALID_PARAMETER_VALUE', 'A parameter value is not valid.')
  }
  const places = text.split('.')[1]?.length ?? 0
  if (places > (WHOLE_UNITS.includes(currency) ? 0 : 2)) {
    return unprocessable(
      'DECIMAL_PRECISION',
      'If the currency supports decimals, only two decimal place precision is supported.',
    )
  }
  const minor = fromDecimalAmount(text, currency)
  return minor > 0
    ? { minor, currency }
    : unprocessable(
        'CANNOT_BE_ZERO_OR_NEGATIVE',
        'Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported.',
      )
}

export const isRefusal = (value: Sum | TwinAnswer): value is TwinAnswer => 'body' in value

/** `{currency_code, value}` of a sum, as PayPal writes it. */
export function moneyOf({ minor, currency }: Sum): JsonObject {
  const digits = currency === 'JPY' ? 0 : 2
  const text = String(minor).padStart(digits + 1, '0')
  const value = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  return { currency_code: currency, value: WHOLE_UNITS.includes(currency) ? value.replace(/\.00$/, '') : value }
}

export const minorOf = (money: JsonValue | undefined): number => {
  const { value, currency_code } = objectAt(money)
  return fromDecimalAmount(String(value), String(currency_code))
}

/** What PayPal answers to a change: all of it where that is asked for, else id, status and links. */
export function shown({ headers }: TwinCall, thing: JsonObject, status: number): TwinAnswer {
  const { id, status: state, links } = thing
  const body = headers.prefer === 'return=representation' ? thing : { id, status: state, links }
  return { status, body: body as JsonObject } // members of JSON
}
