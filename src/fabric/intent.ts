// An intent, as people and agents say it.
import type { JsonObject } from '../foundation/index.ts'

/** What somebody wants done. */
export interface Intent {
  instance: string
  operation: string
  input: JsonObject
}
