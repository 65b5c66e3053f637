// Bodies and queries as bytes. Pure: the same value gives the same bytes, the multipart boundary included, so that what
// a plan shows is what leaves.
import { createHash } from 'node:crypto'
import { FabricError } from '../foundation/index.ts'
import { BodyHole } from './body-value.ts'
import { encodeJson } from './encode-json.ts'
import { encodeXml } from './encode-xml.ts'
import type { EncodedBody, EncodedPiece } from './encoded-body.ts'
import type { FormLists, FormValue, MultipartPart, QueryValue, RequestBody, Scalar } from './request.ts'

/** The bytes of a body and their content type. */
export function encodeBody(body: RequestBody): EncodedBody {
  switch (body.encoding) {
    case 'json':
      return { contentType: 'application/json; charset=utf-8', ...encodeJson(body.value) }
    case 'form':
      return { contentType: 'application/x-www-form-urlencoded', ...encodeFormBody(body.value, body.lists) }
    case 'multipart':
      return encodeMultipart(body.parts)
    case 'xml':
      return { contentType: 'application/xml', ...encodeXml(body.value) }
    case 'ndjson':
      return textBody('application/x-ndjson', body.values.map((value) => `${JSON.stringify(value)}\n`).join(''))
    case 'raw': {
      const { value, contentType } = body
      return { contentType, body: value, text: typeof value === 'string' ? value : undefined }
    }
  }
}

const textBody = (contentType: string, text: string): EncodedBody => ({ contentType, body: text, text })

/**
 * application/x-www-form-urlencoded in the order of the members: `metadata[k]=v`, `items[0][price]=…`. A key that ends
 * in `[]` is repeated for each item. `null` is an empty value; undefined, `[]` and `{}` are left out.
 */
export function encodeForm(form: { readonly [name: string]: FormValue }, lists: FormLists = 'brackets'): string {
  return formFields(form, lists)
    .map(([key, value]) => `${key}=${value instanceof BodyHole ? String(value.toJSON()) : value}`)
    .join('&')
}

function encodeFormBody(
  form: { readonly [name: string]: FormValue },
  lists: FormLists = 'brackets',
): Pick<EncodedBody, 'body' | 'pieces' | 'text'> {
  const fields = formFields(form, lists)
  const text = encodeForm(form, lists)
  if (!fields.some(([, value]) => value instanceof BodyHole)) return { body: text, text }
  const pieces = fields.flatMap(([key, value], at): EncodedPiece[] => {
    const before = `${at === 0 ? '' : '&'}${key}=`
    if (!(value instanceof BodyHole)) return [before + value]
    return [before, 'secret' in value.fills ? { ...value.fills, escape: 'form' } : { key: value.fills.length }]
  })
  return { pieces, text }
}

/** Keys and values as they leave, but for holes. */
type FormField = [key: string, value: string | BodyHole]

const formFields = (form: { readonly [name: string]: FormValue }, lists: FormLists): FormField[] =>
  Object.entries(form).flatMap(([name, value]) => formPairs(formText(name), value, lists))

/** The query with its `?`, or nothing; arrays repeat the name. */
export function encodeQuery(query: Record<string, QueryValue>): string {
  const pairs: string[] = []
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const item of isList(value) ? value : [value])
      pairs.push(`${percent(name)}=${percent(scalarText(item, name))}`)
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

const UNRESERVED = /^[\w.~-]*$/

/** RFC 3986: all but unreserved characters is percent-encoded. */
export function percent(text: string): string {
  if (UNRESERVED.test(text)) return text // most of what is sent, so it is worth the look
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  } catch (cause) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not well-formed Unicode`, { cause })
  }
}

function formPairs(key: string, value: FormValue, lists: FormLists): FormField[] {
  if (value === undefined) return []
  if (value === null) return [[key, '']]
  if (value instanceof BodyHole) return [[key, value]]
  if (isList(value)) return value.flatMap((item, at) => formPairs(itemKey(key, at, lists), item, lists))
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([name, member]) =>
      formPairs(lists === 'dotted' ? `${key}.${formText(name)}` : `${key}[${nestedName(name)}]`, member, lists),
    )
  }
  return [[key, percent(scalarText(value, key)).replaceAll('%20', '+')]]
}

/** Dotted lists count from 1, as EC2's do. */
function itemKey(key: string, at: number, lists: FormLists): string {
  if (lists === 'repeated' || key.endsWith('[]')) return key
  return lists === 'dotted' ? `${key}.${at + 1}` : `${key}[${at}]`
}

/** Brackets that the definition writes itself stay readable; decoders treat both forms alike. */
const formText = (name: string): string =>
  percent(name).replaceAll('%20', '+').replaceAll('%5B', '[').replaceAll('%5D', ']')

function nestedName(name: string): string {
  if (/[[\]]/.test(name)) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `the field name ${JSON.stringify(name)} holds a bracket`, {
      hint: 'In a form, brackets are how nesting is written; choose a name without them.',
    })
  }
  return percent(name).replaceAll('%20', '+')
}

function scalarText(value: Scalar, name: string): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `${name}: ${value} cannot be sent`, { hint: 'Give a finite number.' })
  }
  return String(value)
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)

function encodeMultipart(parts: readonly MultipartPart[]): EncodedBody {
  const pieces = parts.map((part) => ({ head: partHead(part), value: Buffer.from(part.value) }))
  const boundary = boundaryFor(pieces)
  const chunks = pieces.flatMap(({ head, value }) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
    value,
    Buffer.from('\r\n'),
  ])
  const bytes = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)])
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: bytes,
    text: parts.every((part) => typeof part.value === 'string') ? bytes.toString('utf8') : undefined,
    boundary,
  }
}

function partHead({ name, value, filename, contentType }: MultipartPart): string {
  const type = contentType ?? (typeof value === 'string' ? undefined : 'application/octet-stream')
  if (type !== undefined && !/^[\x20-\x7e]+$/.test(type)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(type)} is not a content type`)
  }
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`
  return `Content-Disposition: form-data; name="${quoted(name)}"${file}${type ? `\r\nContent-Type: ${type}` : ''}`
}

/** As browsers do it (WHATWG HTML, multipart/form-data): only these three are escaped. */
const quoted = (text: string): string => text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')

/** From the content, so that it is the same each time; counted up in the case that the content holds it. */
function boundaryFor(pieces: { head: string; value: Buffer }[]): string {
  for (let round = 0; ; round += 1) {
    const hash = createHash('sha256').update(String(round))
    for (const { head, value } of pieces) hash.update(`${head.length}:${value.length}:${head}`).update(value)
    const boundary = `ifab-${hash.digest('hex').slice(0, 32)}`
    if (!pieces.some(({ value }) => value.includes(boundary))) return boundary
  }
}
