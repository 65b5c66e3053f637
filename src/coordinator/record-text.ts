// A record as JSON: what doesn't change from move to move is turned into text once, and the standings that every task goes
// through are put together by hand. A task is written several times in its life, so that this is a good part of what a job
// costs.
import type { HistoryMove, Standing, TaskRecord, TaskSpec } from './record.ts'

/**
 * What comes first in the text and stays there from move to move: what was asked, and the history so far.
 * @param payload the JSON of the payload, where it is part of the record */
export function headText({ spec, history }: TaskRecord, payload?: string): string {
  const asked = payload === undefined || spec.payload === undefined ? JSON.stringify(spec) : specText(spec, payload)
  return `{"spec":${asked},"history":[${historyText(history)}`
}

function specText(spec: TaskSpec, payload: string): string {
  let text = ''
  for (const [field, value] of Object.entries(spec)) {
    if (value === undefined) continue
    text += `${text === '' ? '{' : ','}"${field}":${field === 'payload' ? payload : valueText(value)}`
  }
  return `${text}}`
}

const valueText = (value: unknown): string => (typeof value === 'string' ? quoted(value) : JSON.stringify(value))

function historyText(history: readonly HistoryMove[]): string {
  let text = ''
  for (const move of history) text += text === '' ? moveText(move) : `,${moveText(move)}`
  return text
}

/** The head of the record that comes after one with this head, where it says the same and no more than one move more. */
export function nextHead(head: string, record: TaskRecord, next: TaskRecord): string | undefined {
  if (next.spec !== record.spec) return undefined
  if (next.history === record.history) return head
  const last = next.history.at(-1)
  // A longer history has lost its first move.
  return last && next.history.length === record.history.length + 1 ? `${head},${moveText(last)}` : undefined
}

export function recordText(head: string, { token, attempt, moves, standing }: TaskRecord): string {
  const text = `${head}],"token":${token},"attempt":${attempt},"moves":${moves},"standing":${standingText(standing)}}`
  // A string that was put together keeps its pieces in memory until somebody looks into it.
  text.charCodeAt(0)
  return text
}

function moveText(history: HistoryMove): string {
  const { at, move, by, token, note } = history
  if (note !== undefined) return JSON.stringify(history)
  return by === undefined
    ? `{"at":"${at}","move":"${move}","token":${token}}`
    : `{"at":"${at}","move":"${move}","by":${quoted(by)},"token":${token}}`
}

function standingText(standing: Standing): string {
  if (standing.state === 'open' && isPlainOpen(standing)) return '{"state":"open"}'
  if (standing.state === 'done') return `{"state":"done","result":${JSON.stringify(standing.result)}}`
  if (standing.state !== 'claimed' || standing.ignoresAfter || standing.context !== undefined)
    return JSON.stringify(standing)
  const { holder, leaseMs, beat, beatAt } = standing
  const stamp = beatAt === undefined ? '' : `,"beatAt":{"clock":${quoted(beatAt.clock)},"ms":${beatAt.ms}}`
  return `{"state":"claimed","holder":{"swarm":${quoted(holder.swarm)},"worker":${quoted(holder.worker)}},"leaseMs":${leaseMs},"beat":${beat}${stamp}}`
}

const isPlainOpen = (standing: object): boolean => {
  for (const field in standing) if (field !== 'state') return false
  return true
}

/** Neither quote, backslash nor anything beyond ASCII: names are like that. */
const PLAIN = /^[ !#-[\]-~]*$/
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
