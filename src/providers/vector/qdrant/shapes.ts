// What Qdrant answers, as far as the definition reads it, and its ids: whole numbers up to 2^64 - 1, or UUIDs.
import {
  type BodyValue,
  exactNumber,
  type JsonValue,
  type NextPage,
  readAs,
  sentinelNumber,
  unsupported,
  z,
} from '../../../adapter/index.ts'

const ID_MAX = 2n ** 64n - 1n
const UUID = /^(urn:uuid:)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

/** The id as Qdrant wants it: a number digit by digit, or a UUID. */
export function pointId(id: string): BodyValue {
  if (/^(0|[1-9]\d{0,19})$/.test(id) && BigInt(id) <= ID_MAX) {
    return Number.isSafeInteger(Number(id)) ? Number(id) : exactNumber(id)
  }
  if (UUID.test(id) || sentinelNumber(id) !== undefined) return id
  throw unsupported(
    `id ${JSON.stringify(id)}: Qdrant takes whole numbers up to ${ID_MAX} and UUIDs`,
    'Give one of them, and keep the name of your own among the fields of the point.',
  )
}

const readId = z.union([z.string(), z.number()]).transform(String)

const payload = z
  .record(z.string(), z.json())
  .nullish()
  .transform((fields) => fields ?? null)

/** A named vector or a list of vectors is none that the standard result can hold. */
const vector = z
  .json()
  .optional()
  .transform((value) => (isNumbers(value) ? value : null))

const isNumbers = (value: JsonValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number')

const record = z.object({ id: readId, payload, vector }).transform(toPoint)

function toPoint({
  id,
  payload: fields,
  vector: values,
}: {
  id: string
  payload: Fields | null
  vector: number[] | null
}) {
  return { id, vector: values, fields }
}

type Fields = Record<string, JsonValue>

export const pointsAnswer = z.object({ result: z.array(record) })

export const scrollAnswer = z.object({
  result: z.object({ points: z.array(record), next_page_offset: z.union([z.string(), z.number()]).nullish() }),
})

export const matchesAnswer = z.object({
  result: z.object({ points: z.array(z.object({ id: readId, score: z.number(), payload })) }),
})

export const updateAnswer = z.object({ result: z.object({ status: z.string() }) })

export const batchAnswer = z.object({ result: z.array(z.object({ status: z.string() })) })

export const collectionsAnswer = z.object({
  result: z.object({ collections: z.array(z.object({ name: z.string() })) }),
})

export const collectionAnswer = z.object({
  result: z.object({
    status: z.string(),
    points_count: z.int().nullish(),
    config: z.object({ params: z.object({ vectors: z.json().optional() }) }),
  }),
})

export const doneAnswer = z.object({ result: z.boolean() })

export const point = z.strictObject({
  id: z.string().min(1).max(512),
  vector: z.array(z.number()).min(1).max(65_536),
  fields: z.record(z.string(), z.json()).optional(),
})

type Point = z.output<typeof point>

export const toStored = ({ id, vector: values, fields }: Point) => ({
  id: pointId(id),
  vector: values,
  payload: fields,
})

/** Where the next page starts; null on the last one. */
export function nextPoints(body: JsonValue): NextPage | undefined {
  const offset = readAs(scrollAnswer, body).result.next_page_offset
  return offset === null || offset === undefined ? undefined : { json: { offset: pointId(String(offset)) } }
}

/** Cosine, Euclid and Dot by the names of the vocabulary. */
export const DISTANCES = { cosine: 'Cosine', euclidean: 'Euclid', dot: 'Dot' } as const

/** Objects whose members are in another order are the same. */
export function isSame(a: JsonValue, b: JsonValue): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [one, other] = [Object.entries(a), Object.entries(b)]
  return (
    one.length === other.length && one.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, at(b, name)))
  )
}

const at = (value: object, name: string): JsonValue => (value as Record<string, JsonValue>)[name] ?? null
