// Faults that a twin is told to show, in the form that people type: `OPERATION:WHAT[@PROBABILITY]`.
// OPERATION is an operation or `*`; WHAT is a status (`503`, `429;retry-after=2`), `drop` (cut before acting),
// `drop-after` (acted, then cut before the answer), `latency=200ms` or `latency=50ms-200ms`, `garbage` (acted, then 2xx
// with something that is not JSON). The text is parsed once; a wrong one is refused with what was expected.
import { FabricError } from '../foundation/index.ts'

export type InjectedFault = {
  /** An operation of the provider, or `*` for all. */
  operation: string
  /** Above 0, up to 1. */
  probability: number
} & FaultKind

export type FaultKind =
  | { kind: 'status'; status: number; retryAfterSeconds?: number }
  | { kind: 'latency'; minMs: number; maxMs: number }
  | { kind: 'drop' }
  | { kind: 'drop-after' }
  | { kind: 'garbage' }

/** Parses `payment.create:503@0.3`; IF_ERR_INVALID_INPUT names the part that is wrong. */
export function parseFault(text: string): InjectedFault {
  const refuse = (problem: string) =>
    new FabricError('IF_ERR_INVALID_INPUT', `fault ${JSON.stringify(text)}: ${problem}`, { hint: FORM })
  const { body, probability } = splitProbability(text, refuse)
  const colon = body.lastIndexOf(':') // a native operation has a colon of its own: stripe:customer.delete
  if (colon <= 0) throw refuse('expected OPERATION:WHAT')
  return { operation: body.slice(0, colon), probability, ...parseKind(body.slice(colon + 1), refuse) }
}

/** The text that parses to this fault. */
export function formatFault(fault: InjectedFault): string {
  return `${fault.operation}:${formatKind(fault)}${fault.probability === 1 ? '' : `@${fault.probability}`}`
}

const FORM =
  'Faults look like payment.create:503@0.3, *:429;retry-after=2, message.send:drop-after, *:latency=50ms-200ms; WHAT is a status of 400 to 599, drop, drop-after, garbage or latency=DURATION.'

type Refuse = (problem: string) => FabricError

function splitProbability(text: string, refuse: Refuse): { body: string; probability: number } {
  const at = text.lastIndexOf('@')
  if (at < 0) return { body: text, probability: 1 }
  const number = text.slice(at + 1)
  const probability = /^\d*\.?\d+(e-\d+)?$/.test(number) ? Number(number) : Number.NaN
  if (!(probability > 0 && probability <= 1)) {
    throw refuse(`the probability ${JSON.stringify(number)} is not a number above 0 and up to 1`)
  }
  return { body: text.slice(0, at), probability }
}

function parseKind(what: string, refuse: Refuse): FaultKind {
  if (what === 'drop' || what === 'drop-after' || what === 'garbage') return { kind: what }
  if (what.startsWith('latency=')) return parseLatency(what.slice('latency='.length), refuse)
  const status = /^(\d{3})(?:;retry-after=(\d+))?$/.exec(what)
  if (!status) throw refuse(`${JSON.stringify(what)} is no fault`)
  const code = Number(status[1])
  if (code < 400 || code > 599) throw refuse(`${code} is no failure; expected a status of 400 to 599`)
  return { kind: 'status', status: code, ...(status[2] ? { retryAfterSeconds: Number(status[2]) } : {}) }
}

function parseLatency(text: string, refuse: Refuse): FaultKind {
  const [from = '', to = from, ...more] = text.split('-')
  const minMs = durationMs(from)
  const maxMs = durationMs(to)
  if (minMs === undefined || maxMs === undefined || more.length > 0) {
    throw refuse(`${JSON.stringify(text)} is no latency; expected 200ms, 2s or 50ms-200ms`)
  }
  if (maxMs < minMs) throw refuse(`the latency ${JSON.stringify(text)} ends before it begins`)
  return { kind: 'latency', minMs, maxMs }
}

function durationMs(text: string): number | undefined {
  const match = /^(\d{1,6})(ms|s)$/.exec(text)
  return match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : undefined
}

/** What the fault does, as people type it: `503;retry-after=2`. */
export function formatKind(fault: FaultKind): string {
  if (fault.kind === 'latency') {
    return fault.minMs === fault.maxMs ? `latency=${fault.minMs}ms` : `latency=${fault.minMs}ms-${fault.maxMs}ms`
  }
  if (fault.kind !== 'status') return fault.kind
  return `${fault.status}${fault.retryAfterSeconds === undefined ? '' : `;retry-after=${fault.retryAfterSeconds}`}`
}
