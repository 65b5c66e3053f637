// schemas/*.schema.json: the JSON Schema of every file that a user writes.
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'

export const source = 'src/schemas.ts'
export const owns = 'schemas'

export async function outputs() {
  const { SCHEMAS } = await loadSource(source)
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => [
      `schemas/${name}`,
      `${JSON.stringify({ $comment: GENERATED, ...schema() }, null, 2)}\n`,
    ]),
  )
}
