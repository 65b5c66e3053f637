// What hmac and jws recipes have in common: a timestamp and a nonce that are put into the request, the bytes that are
// signed, and the field where the signature goes.
import { createHash } from 'node:crypto'
import { FabricError } from '../../foundation/index.ts'
import type { FilledRequest } from '../fill.ts'
import { openKey } from '../open-secret.ts'
import { withParameter } from '../parameter.ts'
import type { HmacRecipe, JwsRecipe, SignedField, SignedPart } from '../port.ts'
import type { Signing } from './signing.ts'

type KeyedRecipe = HmacRecipe | JwsRecipe

/** The request with the signature that `make` gives for the bytes. */
export async function signKeyed(
  recipe: KeyedRecipe,
  signing: Signing,
  make: (message: Buffer) => Promise<string>,
): Promise<FilledRequest> {
  const { timestamp, nonce } = recipe
  const marks = {
    timestamp: timestampText(timestamp?.form ?? 'unix-seconds', signing.nowMs),
    nonce: Buffer.from(signing.randomBytes(16)).toString('hex'),
  }
  let filled = signing.filled
  if (timestamp) filled = withField(filled, timestamp, marks.timestamp)
  if (nonce) filled = withField(filled, nonce, marks.nonce)
  const parts = await Promise.all(recipe.over.map((part) => partBytes(part, { ...signing, filled }, marks)))
  return withField(filled, recipe.put, await make(Buffer.concat(parts)))
}

function withField(filled: FilledRequest, { in: place, name, prefix = '' }: SignedField, value: string): FilledRequest {
  if (place === 'query') return { ...filled, query: withParameter(filled.query, name, prefix + value) }
  return { ...filled, headers: { ...filled.headers, [name.toLowerCase()]: prefix + value } }
}

interface Marks {
  timestamp: string
  nonce: string
}

async function partBytes(part: SignedPart, signing: Signing, marks: Marks): Promise<Buffer> {
  if ('text' in part) return Buffer.from(part.text)
  if ('secret' in part) return Buffer.from(await openKey(part.secret, signing.context))
  if ('header' in part) return Buffer.from(headerOf(signing.filled, part.header), 'latin1')
  const { path, query, body = '' } = signing.filled
  switch (part.of) {
    case 'method':
      return Buffer.from(signing.method)
    case 'host':
      return Buffer.from(new URL(signing.origin).host)
    case 'path':
      return Buffer.from(path)
    case 'query':
      return Buffer.from(query.slice(1))
    case 'target':
      return Buffer.from(path + query)
    case 'url':
      return Buffer.from(signing.origin + path + query)
    case 'body':
      return Buffer.from(body)
    case 'body-sha256-hex':
      return Buffer.from(createHash('sha256').update(body).digest('hex'))
    case 'body-sha256-base64':
      return Buffer.from(createHash('sha256').update(body).digest('base64'))
    case 'timestamp':
    case 'nonce':
      return Buffer.from(marks[part.of])
  }
}

function headerOf({ headers }: FilledRequest, name: string): string {
  const value = headers[name.toLowerCase()]
  if (value !== undefined) return value
  throw new FabricError('IF_ERR_INTERNAL', `the signature is over the header ${name}, which the request does not have`)
}

function timestampText(form: NonNullable<KeyedRecipe['timestamp']>['form'], nowMs: number): string {
  switch (form) {
    case 'unix-seconds':
      return String(Math.floor(nowMs / 1000))
    case 'unix-milliseconds':
      return String(Math.floor(nowMs))
    case 'rfc3339':
      return new Date(nowMs).toISOString()
    case 'http-date':
      return new Date(nowMs).toUTCString()
  }
}
