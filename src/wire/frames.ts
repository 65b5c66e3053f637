// What travels: a message is a JSON array of frames, those of one turn together. Each frame is one of these objects; an `id`
// names a request, made by the end that sent `call`. What doesn't look like one is refused as a whole.
import { FabricError } from '../foundation/index.ts'

export type Frame =
  /** A request. `has` names the aborts and callbacks that its sender offers, `more` the items of a stream it takes. */
  | { id: number; call: string; args: unknown[]; has?: string[]; more?: number; quiet?: true; of?: number }
  /** The answer; `spans` are those of the trace since the last one. */
  | { id: number; ok: unknown; spans?: unknown[] }
  /** The answer is nothing, or a stream has ended. */
  | { id: number; end: true; spans?: unknown[] }
  | { id: number; error: unknown; spans?: unknown[] }
  /** First elements of an array that is too long for one message. */
  | { id: number; part: unknown[] }
  | { id: number; item: unknown }
  /** To the sender of a request, from who performs it: calls back, without an answer. */
  | { id: number; tell: string; args: unknown[] }
  /** From the sender of a request: gives it up, in one of the ways that `has` named. */
  | { id: number; abort: string }
  /** From the reader of a stream. */
  | { id: number; more: number }
  /** Why the connection is about to be closed. */
  | { error: unknown }

/** The frames of a message; IF_ERR_INVALID_INPUT where it isn't one. */
export function parseFrames(text: string): Frame[] {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch (cause) {
    throw new FabricError('IF_ERR_INVALID_INPUT', 'a message is not JSON', { cause })
  }
  if (!Array.isArray(message)) throw new FabricError('IF_ERR_INVALID_INPUT', 'a message is not an array of frames')
  for (const frame of message) if (!isFrame(frame)) throw wrongFrame(frame)
  return message as Frame[]
}

function isFrame(value: unknown): value is Frame {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const frame = value as Record<string, unknown>
  if (frame.id === undefined) return 'error' in frame
  if (!isId(frame.id)) return false
  if (frame.call !== undefined) return isRequest(frame)
  if (frame.more !== undefined) return isCount(frame.more)
  if (frame.abort !== undefined) return typeof frame.abort === 'string'
  if (frame.tell !== undefined) return typeof frame.tell === 'string' && Array.isArray(frame.args)
  if (frame.part !== undefined) return Array.isArray(frame.part)
  if (frame.spans !== undefined && !Array.isArray(frame.spans)) return false
  return 'ok' in frame || frame.end === true || 'error' in frame || 'item' in frame
}

const isRequest = ({ call, args, has, more, of, quiet }: Record<string, unknown>): boolean =>
  typeof call === 'string' &&
  Array.isArray(args) &&
  (has === undefined || (Array.isArray(has) && has.every((name) => typeof name === 'string'))) &&
  (more === undefined || isCount(more)) &&
  (quiet === undefined || quiet === true) &&
  (of === undefined || isId(of))

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0
const isCount = isId

const wrongFrame = (frame: unknown): FabricError => {
  const keys = frame !== null && typeof frame === 'object' ? Object.keys(frame).slice(0, 8).join(', ') : typeof frame
  return new FabricError('IF_ERR_INVALID_INPUT', `a message holds what is no frame: ${keys.slice(0, 200)}`)
}

/** Whether a value has more levels than allowed; what comes after may recurse. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  if (levels === 0) return true
  if (Array.isArray(value)) {
    for (const member of value) if (isDeeper(member, levels - 1)) return true
    return false
  }
  for (const key of Object.keys(value)) if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true
  return false
}
