// Operations that a vendor begins and ends later, awaited as one step: the answer names an operation, a queue entry or a
// Location, and requests that only look follow until it is done. The call's own timeout bounds the whole; what is not done
// by then goes on at the vendor, and the error says so.
import { FabricError } from '../foundation/index.ts'
import type { Fault, FurtherRequest, Pause, StepAnswer } from './definition.ts'
import { ProviderFault } from './faults.ts'
import type { HttpRequestSpec } from './request.ts'

export interface Waiting {
  /** The request that looks, from the answer before. */
  look: (answer: StepAnswer) => HttpRequestSpec
  /** What an answer says of it. */
  state: (answer: StepAnswer) => 'waits' | 'done' | { failed: Fault }
  /** Before each look, in milliseconds; the last one repeats. A longer Retry-After wins. Default 1 s, 2 s, 5 s, 10 s. */
  pausesMs?: readonly number[]
}

const PAUSES_MS = [1000, 2000, 5000, 10_000]
/** A vendor that asks for more is asked sooner: the call's timeout may be the last chance to see the end. */
const PAUSE_MAX_MS = 60_000

/** Looks until it is done and returns the answer that says so; throws the vendor's failure. For `more`, by `yield*`. */
export function* untilDone(
  first: StepAnswer,
  { look, state, pausesMs = PAUSES_MS }: Waiting,
): Generator<FurtherRequest | Pause, StepAnswer, StepAnswer> {
  let answer = first
  for (let looks = 0; ; looks += 1) {
    const seen = state(answer)
    if (seen === 'done') return answer
    if (seen !== 'waits') throw new ProviderFault(seen.failed)
    const planned = pausesMs[Math.min(looks, pausesMs.length - 1)] ?? 0
    yield { pauseMs: Math.min(Math.max(planned, askedPauseMs(answer)), PAUSE_MAX_MS) }
    answer = yield { request: look(answer), reads: true }
  }
}

function askedPauseMs({ headers }: StepAnswer): number {
  const seconds = /^\d{1,6}$/.exec(headers?.['retry-after']?.trim() ?? '')?.[0]
  return seconds === undefined ? 0 : Number(seconds) * 1000
}

/**
 * The values of a path template in an address that a vendor gives, such as a Location: the request that looks is built
 * from its own template and goes to the provider's own host, wherever the address points. IF_ERR_BAD_RESPONSE where the
 * address is of another form.
 */
export function pathValuesIn(address: string | undefined, template: string): Record<string, string> {
  const path = (address ?? '').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  const names: string[] = []
  const pattern = template.split(PART).map((text, at) => {
    if (at % 3 === 0) return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    if (at % 3 === 2) return ''
    names.push(text)
    return template.includes(`{${text}+}`) ? '(.+?)' : '([^/]+?)'
  })
  const match = new RegExp(`${pattern.join('')}$`).exec(path)
  const values = match && names.map((name, at) => [name, decoded(match[at + 1] ?? '')] as const)
  if (values?.every(([, value]) => value !== undefined)) return Object.fromEntries(values) as Record<string, string>
  throw new FabricError(
    'IF_ERR_BAD_RESPONSE',
    `the provider names ${JSON.stringify(address ?? null)}, which is no ${template}`,
  )
}

const PART = /\{([A-Za-z][\w-]*)(\+?)\}/

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // not percent-encoding; the caller says what that means
  }
}
