// The seed of a call that must answer the same everywhere: of module, operation and input, so that a plan is made again
// without anything on record.
import { canonicalJson, type JsonValue, sha256Hex } from '../../foundation/index.ts'

/** SHA-256 over digest, export or operation, and RFC 8785 form of the input, as lower-case hex. */
export const seedOf = (of: { module: string; operation: string; input: JsonValue }): string =>
  sha256Hex(`${of.module}\n${of.operation}\n${canonicalJson(of.input)}`)
