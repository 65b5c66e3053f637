// Pieces of an answer that streams, on their way to the caller. None is handed out before it is on record that the session
// has touched what they hold: no kill lets anybody have the data without the mark.
import type { JsonObject } from '../foundation/index.ts'
import { endedAction } from './action.ts'
import type { Passage, PipelineParts } from './passage.ts'

/** Hands out the passage's pieces; undefined where nobody wants them. */
export function handOut(
  parts: PipelineParts,
  passage: Passage,
): ((piece: JsonObject) => void | Promise<void>) | undefined {
  const { onPiece, unmarked } = passage
  if (!onPiece || unmarked) return onPiece
  let isMarked = false
  const markFirst = async (piece: JsonObject) => {
    passage.touch = await parts.sequences.touch(endedAction(passage))
    isMarked = true
    await onPiece(piece)
  }
  return (piece) => (isMarked ? onPiece(piece) : markFirst(piece))
}
