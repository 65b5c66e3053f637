// Taking a write back: what stood there before is read first, with its vectors where there are few enough of them.
import type { JsonObject, OperationCall } from '../../../adapter/index.ts'
import { z } from '../../../adapter/index.ts'
import { isSame } from './shapes.ts'

/** A hundred vectors of 1,536 numbers are some two megabytes of JSON; more are not kept for an undo. */
export const RESTORABLE = 100

const known = z.object({
  points: z.array(
    z.object({
      id: z.string(),
      vector: z.array(z.number()).nullable(),
      fields: z.record(z.string(), z.json()).nullable(),
    }),
  ),
})

/** Reads what stands there. Of a large batch only which ids are taken. */
export const readBefore = (collection: string, ids: readonly string[]): OperationCall => ({
  operation: 'vector.get',
  input: {
    collection,
    ids: [...ids],
    ...(ids.length > RESTORABLE ? { native: { with_vector: false, with_payload: false } } : {}),
  },
})

/** Removes what is new and puts back what was replaced; undefined where the old vectors were not read. */
export function restore(
  collection: string,
  ids: readonly string[],
  before: JsonObject | undefined,
): OperationCall | undefined {
  const old = known.safeParse(before).data?.points
  if (!old) return undefined
  if (old.length === 0) return { operation: 'vector.delete', input: { collection, ids: [...ids] } }
  const points = old.flatMap(({ id, vector, fields }) =>
    vector ? [{ id, vector, ...(fields ? { fields } : {}) }] : [],
  )
  if (points.length < old.length) return undefined
  const there = new Set(points.map(({ id }) => id))
  const remove = ids.filter((id) => !there.has(id))
  return { operation: 'qdrant:point.restore', input: { collection, points, ...(remove.length > 0 ? { remove } : {}) } }
}

/** Whether a read shows every point with the fields that were written. Vectors come back normalised, so they are not compared. */
export const shows =
  (written: readonly { id: string; fields?: JsonObject | undefined }[]) =>
  (read: JsonObject): boolean => {
    const found = new Map(known.safeParse(read).data?.points.map(({ id, fields }) => [id, fields]))
    return written.every(({ id, fields }) => found.has(id) && isSame(found.get(id) ?? {}, fields ?? {}))
  }

export const showsNone = (read: JsonObject): boolean => known.safeParse(read).data?.points.length === 0
