// The JSON Schemas that a module brings for its own operations, as schemas of this house. A module is not trusted with
// this process's time: size and depth are bounded, and patterns are only such as can be matched without backtracking.
import { z } from '../../adapter/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../../foundation/index.ts'
import { isPlainPattern } from '../module/plain-pattern.ts'

const MAX_BYTES = 64 * 1024
const MAX_DEPTH = 32

/** The schema; IF_ERR_MODULE_INVALID where it is none, or one that is refused. */
export function schemaOf(schema: JsonObject, place: string): z.ZodType {
  if (JSON.stringify(schema).length > MAX_BYTES) throw refused(place, `is over ${MAX_BYTES} bytes`)
  check(schema, place, 0)
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  } catch (thrown) {
    throw refused(
      place,
      `is not a JSON Schema that is understood (${thrown instanceof Error ? thrown.message : thrown})`,
    )
  }
}

function check(value: JsonValue, place: string, depth: number): void {
  if (depth > MAX_DEPTH) throw refused(place, `is nested over ${MAX_DEPTH} deep`)
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (name === 'patternProperties') throw refused(place, 'has patternProperties')
    if (name === 'pattern' && typeof member === 'string' && !isPlainPattern(member)) {
      throw refused(place, `has the pattern ${JSON.stringify(member)}, which could take long to match`)
    }
    if (member !== undefined) check(member, place, depth + 1)
  }
}

const refused = (place: string, problem: string): FabricError =>
  new FabricError('IF_ERR_MODULE_INVALID', `${place} ${problem}`, {
    hint: 'Use types, enum, required, items, minLength and the like; patterns have no groups and one open repetition at most.',
  })
