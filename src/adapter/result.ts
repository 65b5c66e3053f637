// From the vendor's decoded body to the standard result. What a vendor sends is parsed once, here; a body that does not
// have what the operation promises is an error that names the field.
import {
  describeIssue,
  FabricError,
  formatPath,
  isFabricError,
  type JsonObject,
  type JsonValue,
} from '../foundation/index.ts'
import { ProviderFault } from './faults.ts'
import type { OperationEntry } from './planned.ts'

export interface ResultContext {
  entry: OperationEntry
  input: JsonObject
  /** Of the HTTP answer; of a websocket's that of its opening. */
  status: number
  headers: Record<string, string>
}

/** The operation's result; throws what `fail` makes of the problem. */
export async function resultOf(
  { entry, ...context }: ResultContext,
  body: JsonValue,
  fail: (problem: string, cause?: unknown) => FabricError,
): Promise<JsonObject> {
  return parsedResult(entry, await mapBody(entry, body, context, fail), fail)
}

/** What an operation's functions made of the answer, as its schema has it. */
export function parsedResult(
  entry: OperationEntry,
  mapped: unknown,
  fail: (problem: string) => FabricError,
): JsonObject {
  const parsed = entry.resultSchema.safeParse(mapped)
  if (parsed.success) return parsed.data as JsonObject // result schemas are objects of JSON values
  const [issue] = parsed.error.issues
  if (!issue) throw new FabricError('IF_ERR_INTERNAL', 'a failed parse without an issue')
  throw fail(`the answer's ${formatPath(issue.path) || 'body'}: ${describeIssue(issue)}`)
}

async function mapBody(
  { operation }: OperationEntry,
  body: JsonValue,
  context: Omit<ResultContext, 'entry'>,
  fail: (problem: string, cause?: unknown) => FabricError,
): Promise<unknown> {
  const map = () => (operation.remote ? operation.remote.result({ ...context, body }) : operation.result(body, context))
  return asPromised(map, fail)
}

/** What a definition makes of an answer; throws what `fail` makes of its trouble with it. */
export async function asPromised<T>(
  read: () => T | Promise<T>,
  fail: (problem: string, cause?: unknown) => FabricError,
): Promise<T> {
  try {
    return await read()
  } catch (thrown) {
    if (thrown instanceof ProviderFault) throw thrown // what the vendor said, not a trouble with reading it
    // A definition reads the body as the vendor documents it, so a body of another shape trips it.
    if (isFabricError(thrown)) throw fail(thrown.message, thrown)
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw fail(`the answer does not have the promised shape (${reason})`, thrown)
  }
}
