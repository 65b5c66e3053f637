// Operations whose functions run elsewhere, in a sandbox: asked here, before a request is built, so that everything behind
// this point is as pure and synchronous as for a provider that comes with the package.
import type { JsonObject } from '../foundation/index.ts'
import type { OperationCall, UndoContext } from './definition.ts'
import type { OperationEntry } from './planned.ts'

/** The operation with its functions as they are for this input; the same one where nothing has to be asked. */
export async function preparedFor(entry: OperationEntry, input: JsonObject): Promise<OperationEntry> {
  const { remote } = entry.operation
  return remote ? { ...entry, operation: { ...entry.operation, ...(await remote.prepare(input)) } } : entry
}

/** What takes the operation back: the call, undefined where what it needs was never received, or why nothing can. */
export async function undoOf(
  { operation: { undo, remote } }: OperationEntry,
  context: UndoContext<JsonObject, JsonObject>,
): Promise<OperationCall | { none: string } | undefined> {
  if (!undo) return { none: 'its definition has no undo' }
  if (typeof undo !== 'function') return undo
  return remote ? remote.undo(context) : undo(context)
}
