// How the twin answers: Qdrant's envelope, and its ids. An id beyond 2^53 stays exact: the body is then written as text.
import { decodeJson, type JsonObject, type JsonValue, type TwinAnswer, type TwinCall } from '../../../adapter/index.ts'

const BIG = 'u64:'

export const ok = (result: JsonValue): TwinAnswer => {
  const body = { usage: null, result, status: 'ok', time: 0.000_1 }
  const text = JSON.stringify(body)
  if (!text.includes(`"${BIG}`)) return { body }
  return {
    headers: { 'content-type': 'application/json' },
    body: text.replaceAll(new RegExp(`"${BIG}(\\d+)"`, 'g'), '$1'),
  }
}

export const refuse = (status: number, error: string): TwinAnswer => ({
  status,
  body: { status: { error }, time: 0.000_1 },
})

export const badRequest = (error: string): TwinAnswer => refuse(400, `Wrong input: ${error}`)

export const unknownCollection = (name: string): TwinAnswer =>
  refuse(404, `Not found: Collection \`${name}\` doesn't exist!`)

/** The body with whole numbers beyond 2^53 as text. */
export function exactBody({ bytes, body }: TwinCall): JsonObject {
  const text = Buffer.from(bytes).toString('utf8')
  return /\d{16}/.test(text) ? (decodeJson(text) as JsonObject) : body // the twin has seen that it is an object
}

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/

/** The key of a point; undefined for what is no id. */
export function keyOf(id: JsonValue | undefined): string | undefined {
  if (typeof id === 'number') return Number.isSafeInteger(id) && id >= 0 ? String(id) : undefined
  if (typeof id !== 'string') return undefined
  // Only a number of the body becomes a text of so many digits.
  if (/^\d{16,20}$/.test(id)) return BigInt(id) < 2n ** 64n ? id : undefined
  return UUID.exec(id.toLowerCase())?.slice(1).join('-')
}

export function idOf(key: string): JsonValue {
  if (!/^\d+$/.test(key)) return key
  return Number.isSafeInteger(Number(key)) ? Number(key) : BIG + key
}

/** Numbers by size and before UUIDs, as Qdrant walks through points. */
export function byId(a: string, b: string): number {
  const [one, other] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (one && other) return BigInt(a) < BigInt(b) ? -1 : 1
  return one === other ? (a < b ? -1 : 1) : one ? -1 : 1
}

export const badId = (id: JsonValue | undefined): TwinAnswer =>
  refuse(
    400,
    `Format error in JSON body: value ${typeof id === 'object' ? JSON.stringify(id) : id} is not a valid point ID, valid values are either an unsigned integer or a UUID`,
  )
