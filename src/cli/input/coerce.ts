// One literal text becomes a value of the type that the schema wants. Where text is allowed it stays text.
import {
  currencyExponent,
  didYouMean,
  FabricError,
  formatAmount,
  type JsonValue,
  parseDecimal,
} from '../../foundation/index.ts'
import { choicesOf, type Schema, typesOf } from './field-schema.ts'

export interface Literal {
  key: string
  text: string
  schema: Schema | undefined
  root: Schema
  /** All literals of the command line, for hints that need a neighbour. */
  literals: Record<string, string>
}

export function coerce(literal: Literal): JsonValue {
  const { key, text, schema, root } = literal
  const types = schema ? typesOf(root, schema) : new Set<string>()
  const choices = schema ? choicesOf(root, schema) : undefined
  if (choices && !choices.includes(text)) {
    throw wrong(key, `one of ${choices.join(', ')}`, text, didYouMean(text, choices))
  }
  if (types.size === 0 || types.has('string')) return text
  // A reference of a playbook is filled later and keeps its type.
  if (/^\$\{[^}]+\}$/.test(text)) return text
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.has('null') && text === 'null') return null
  if (types.has('number') && isNumber(text)) return Number(text)
  if (types.has('integer') && /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw wrong(key, [...types].map((type) => TYPE_WORDS[type] ?? type).join(' or '), text, hintFor(literal, types))
}

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))

const TYPE_WORDS: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'an object',
}

function hintFor({ key, text, literals }: Literal, types: ReadonlySet<string>): string | undefined {
  if (types.has('integer') && /(^|\.|_)amount$/i.test(key) && /^\d+[.,]\d+$/.test(text))
    return amountHint(key, text, literals)
  if (types.has('object')) return `Write ${key}.name=value for one member, or ${key}:='{…}'.`
  if (types.has('array')) return `Write ${key}:='[…]'.`
  return undefined
}

/** People write money with decimals; amounts are whole minor units. */
function amountHint(key: string, text: string, literals: Record<string, string>): string {
  const unit = "Amounts are whole numbers of the currency's minor unit"
  const currency = literals[key.replace(/amount$/i, 'currency')]
  if (currency === undefined) return `${unit}: GBP 25.00 is ${key}=2500.`
  try {
    const minor = parseDecimal(text.replace(',', '.'), currencyExponent(currency))
    return `${unit}: ${formatAmount(minor, currency)} is ${key}=${minor}.`
  } catch (problem) {
    // The currency is unknown, or has fewer decimals than were written: that is the better hint.
    return problem instanceof FabricError ? `${unit}; ${problem.message}.` : unit
  }
}

const wrong = (key: string, expected: string, text: string, hint: string | undefined): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${key} expects ${expected}, got ${JSON.stringify(text)}`, {
    ...(hint ? { hint } : {}),
    details: { field: key },
  })
