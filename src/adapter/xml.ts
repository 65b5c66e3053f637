// XML of vendors, read. Elements by name without namespace prefixes, attributes as `@_name`; every value is text, as XML
// has no other kind. Document types are refused, and with them every entity beyond the five of XML and character
// references: nothing here needs them, and they are how a small document unfolds into a large one.
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { IncomingResponse } from '../egress/index.ts'
import { type JsonObject, type JsonValue, REDACTED } from '../foundation/index.ts'
import { answerText } from './charset.ts'

/** Characters; parsing keeps the process busy, and no answer that is read here comes near. */
const LENGTH_MAX = 4 * 1024 * 1024

/** An element's children by name; an element that repeats is a list, an empty one is ''. Throws SyntaxError. */
export function decodeXml(text: string): JsonValue {
  if (text.length > LENGTH_MAX) throw new SyntaxError(`the document is longer than ${LENGTH_MAX} characters`)
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw new SyntaxError('a document type is not allowed')
  const valid = XMLValidator.validate(text)
  if (valid !== true) throw new SyntaxError(`${valid.err.msg} (line ${valid.err.line})`)
  const parsed = parse(text)
  const roots = Object.keys(parsed).filter((name) => !name.startsWith('?'))
  const [root = ''] = roots
  if (roots.length !== 1 || Array.isArray(parsed[root])) throw new SyntaxError('a document has one root element')
  return { [root]: withoutLayout(parsed[root] ?? '') }
}

const parsedBodies = new WeakMap<IncomingResponse, { value: JsonValue | undefined }>()

/** The decoded body of an answer, parsed once: null without one, undefined where it is not XML. */
export function xmlBody(response: IncomingResponse): JsonValue | undefined {
  const known = parsedBodies.get(response)
  if (known) return known.value
  const value = tryXml(response)
  parsedBodies.set(response, { value })
  return value
}

/** What may be one element or several, as a list; none is an empty one. */
export const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  value === undefined || value === '' ? [] : Array.isArray(value) ? value : [value]

function tryXml(response: IncomingResponse): JsonValue | undefined {
  // The declaration counts where the content type names no charset.
  const declared = /^\ufeff?<\?xml[^>]*\sencoding=["']([\w.-]+)["']/.exec(response.text.slice(0, 200))?.[1]
  const text = answerText(response, declared)
  if (text === undefined) return undefined
  if (text.trim() === '') return null
  try {
    return decodeXml(text.replace(/^\ufeff/, '').replaceAll(REDACTED, REDACTED_TEXT))
  } catch {
    return undefined // not XML; the caller says what that means
  }
}

// What the door writes in place of a secret that a vendor echoes, as S3 does with key ids, would be an element here.
const REDACTED_TEXT = REDACTED.replace('<', '&lt;').replace('>', '&gt;')

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** A reference to a character that XML does not have stays as it is. */
const decodeReferences = (text: string): string =>
  text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (all, named, decimal, hex) => {
    if (named !== undefined) return NAMED[named] ?? all
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    const isCharacter = code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10ffff)
    return isCharacter && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : all
  })

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  trimValues: false,
  entityDecoder: {
    decode: decodeReferences,
    reset: () => {},
    addInputEntities: () => {},
    setExternalEntities: () => {},
    setXmlVersion: () => {},
  },
})

/** The parser refuses more than 100 levels. */
function parse(text: string): JsonObject {
  try {
    return parser.parse(text) as JsonObject
  } catch (thrown) {
    throw new SyntaxError(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/** Line breaks and indents between elements are no content. */
function withoutLayout(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutLayout)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value)
  const kept = members.filter(([name, member]) => name !== '#text' || String(member).trim() !== '')
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutLayout(member)]))
}
