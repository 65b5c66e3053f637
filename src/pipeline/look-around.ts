// Reads that belong to an action: before it, and after it. Same door, same manifest, no record of their own.
import { type OperationCall, operationOf, parseInput, perform } from '../adapter/index.ts'
import { FabricError, type JsonObject, optional } from '../foundation/index.ts'
import { callerOf } from './admission.ts'
import type { Passage, PipelineParts } from './passage.ts'

/** A read of the same instance that belongs to a step: same door, same manifest, no record of its own. */
export async function read(parts: PipelineParts, passage: Passage, call: OperationCall): Promise<JsonObject> {
  const entry = operationOf(passage.provider, call.operation)
  if (entry.effect !== 'read')
    throw new FabricError('IF_ERR_INTERNAL', `${call.operation} is no read and can't look around another operation`)
  const { result } = await perform({ ...doorOf(parts, passage), entry, input: parseInput(entry, call.input) })
  return result
}

/** An immediately consistent read-back that needs no result tells whether an unanswered effect took place. */
export async function lookForEffect(
  parts: PipelineParts,
  passage: Passage,
): Promise<'happened' | 'did-not-happen' | 'cannot-tell'> {
  const check = passage.entry.operation.verify?.({ input: passage.input, result: undefined })
  if (check?.consistency !== 'immediate') return 'cannot-tell'
  try {
    return check.holds(await read(parts, passage, check)) ? 'happened' : 'did-not-happen'
  } catch {
    return 'cannot-tell' // whatever hindered the read, it tells nothing about the effect
  }
}

/** The way out for one passage. */
export const doorOf = (parts: PipelineParts, passage: Passage) => ({
  provider: passage.provider,
  instance: passage.instance,
  door: parts.door,
  secrets: parts.secretsOf(passage.instance, passage.provider),
  timeoutMs: passage.timeoutMs,
  caller: callerOf(passage),
  ...optional('signal', passage.signal),
})
