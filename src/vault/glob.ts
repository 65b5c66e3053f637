// Texts with `*` and `**`, for what a scoped credential covers. Matching walks text and glob once together, so that no
// glob is slow, and compares characters as they stand: nothing is decoded, no letter stands for another.
import { FabricError } from '../foundation/index.ts'

export const GLOB_CHARACTERS_MAX = 256
/** Longer texts match nothing. */
const TEXT_CHARACTERS_MAX = 8192

/** Whether a segment ends at this place of the text, so that `*` stops there. */
export type IsBoundary = (text: string, at: number) => boolean

/** `*` stands for any run of characters inside one segment, `**` for any run at all; both may be empty. */
export function globMatches(glob: string, text: string, isBoundary: IsBoundary): boolean {
  if (text.length > TEXT_CHARACTERS_MAX) return false
  let reached = new Uint8Array(text.length + 1)
  reached[0] = 1
  for (const token of glob.split(/(\*\*|\*)/)) {
    if (token === '**') reached = spread(reached, () => true)
    else if (token === '*') reached = spread(reached, (at) => !isBoundary(text, at))
    else if (token !== '') reached = step(reached, text, token)
  }
  return reached[text.length] === 1
}

/** Refuses a glob that nobody would write: empty, too long, with white space or more than two stars in a row. */
export function checkGlob(glob: string, what: string): void {
  const problem =
    glob === ''
      ? 'it is empty'
      : glob.length > GLOB_CHARACTERS_MAX
        ? `it is over ${GLOB_CHARACTERS_MAX} characters`
        : /[\s\p{Cc}]/u.test(glob)
          ? 'it holds white space or control characters'
          : glob.includes('***')
            ? '* stands for a run inside one segment and ** for any run; *** stands for nothing'
            : ''
  if (problem) {
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      `the ${what} ${JSON.stringify(glob.slice(0, 80))} is refused: ${problem}`,
    )
  }
}

function spread(reached: Uint8Array, mayPass: (at: number) => boolean): Uint8Array<ArrayBuffer> {
  const next = Uint8Array.from(reached)
  for (let at = 0; at + 1 < next.length; at++) {
    if (next[at] === 1 && mayPass(at)) next[at + 1] = 1
  }
  return next
}

function step(reached: Uint8Array, text: string, literal: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(reached.length)
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    if (reached[at] === 1) next[at + literal.length] = 1
  }
  return next
}
