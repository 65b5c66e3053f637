// Values that a plan does not know yet. A sentinel stands where the result of an earlier step will be, so that requests
// can be built and shown exactly but for these holes. Text sentinels hold only unreserved characters and have a fixed
// width, so that every encoding keeps them and text beside them cannot be taken for a part of them.
import { FabricError } from '../foundation/index.ts'

const PREFIX = 'ifab-ref-'
const WIDTH = 5
/** Above any amount that somebody means, and still exact as a JSON number. */
const NUMBER_BASE = 9_007_199_254_700_000
const LAST = Number.MAX_SAFE_INTEGER - NUMBER_BASE

export interface FoundSentinel {
  /** Its number. */
  n: number
  /** Offset in the text. */
  at: number
  /** As it stands there. */
  text: string
}

/** The stand-in for unknown value number `n`, from 0 to 40 991. */
export function sentinelFor(kind: 'string', n: number): string
export function sentinelFor(kind: 'number', n: number): number
export function sentinelFor(kind: 'string' | 'number', n: number): string | number
export function sentinelFor(kind: 'string' | 'number', n: number): string | number {
  if (!Number.isInteger(n) || n < 0 || n > LAST) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `reference number ${n} is out of range`, {
      hint: `One plan holds at most ${LAST + 1} references; split it.`,
    })
  }
  return kind === 'number' ? NUMBER_BASE + n : `${PREFIX}${String(n).padStart(WIDTH, '0')}`
}

/** Every sentinel in a text, in order; numbers are found in their decimal form, text in any case. */
export function findSentinels(text: string): FoundSentinel[] {
  return [...text.matchAll(/ifab-ref-(\d{5})|(?<![\d.])(90071992547\d{5})(?!\d|\.\d)/gi)]
    .map((match) => ({
      n: match[1] === undefined ? Number(match[2]) - NUMBER_BASE : Number(match[1]),
      at: match.index,
      text: match[0],
    }))
    .filter(({ n }) => n <= LAST)
}

/** The number of the sentinel that a value is, undefined for any other value. */
export function sentinelNumber(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= NUMBER_BASE ? value - NUMBER_BASE : undefined
  }
  if (typeof value !== 'string') return undefined
  const [found] = findSentinels(value)
  return found?.text === value ? found.n : undefined
}
