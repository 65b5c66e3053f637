// apply --stream: the answer as it comes. stdout holds the answer and nothing else, the receipt goes to stderr; under
// --json each piece is a line and the run is the last one. Ctrl-C leaves an answer that has begun: what had come is kept.
import type { ApplyOptions, Run } from '../../fabric/index.ts'
import { FabricError, type JsonObject } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import type { Console } from '../output/console.ts'
import { printable } from '../output/printable.ts'

export interface PrintedPieces {
  /** What the run is applied with, so that its pieces are printed. */
  options: Pick<ApplyOptions, 'onPiece' | 'signal'>
  /** Ends the answer's last line, whatever became of the run. */
  end(): void
}

/** Prints pieces while `signal` and `stop` let it. */
export function printPieces(
  { console, isTerminal }: { console: Console; isTerminal: boolean },
  plan: Plan,
  { stop, signal }: { stop: AbortSignal; signal?: AbortSignal },
): PrintedPieces {
  checkSteps(console, plan)
  const leaving = new AbortController()
  let hasCome = false
  let isLineOpen = false
  const leave = () => {
    if (hasCome) leaving.abort()
  }
  stop.addEventListener('abort', leave, { once: true })
  const print = (text: string) => {
    console.text(isTerminal ? printable(text) : text)
    isLineOpen = text === '' ? isLineOpen : !text.endsWith('\n')
  }
  return {
    options: {
      signal: AbortSignal.any([leaving.signal, ...(signal ? [signal] : [])]),
      onPiece({ step, piece }) {
        hasCome = true
        if (stop.aborted) throw new FabricError('IF_ERR_CANCELLED', 'the answer was left')
        if (console.json) console.jsonLine({ step, piece })
        else print(textOf(piece, isLineOpen))
      },
    },
    end() {
      stop.removeEventListener('abort', leave)
      if (isLineOpen) print('\n')
    },
  }
}

/** The end of such a run: the last JSON line, or the receipt beside the answer. */
export function showStreamed(console: Console, run: Run, receipt: string): void {
  if (console.json) console.jsonLine(run)
  else console.note(receipt)
}

/** Text as it is; what is none as a JSON line of its own. */
function textOf(piece: JsonObject, isLineOpen: boolean): string {
  const { text } = piece
  return typeof text === 'string' ? text : `${isLineOpen ? '\n' : ''}${JSON.stringify(piece)}\n`
}

function checkSteps(console: Console, plan: Plan): void {
  const streaming = plan.steps.filter(({ request }) => request.streams)
  if (streaming.length === 0) {
    throw new FabricError('IF_ERR_UNSUPPORTED', 'no step of the plan answers in pieces; nothing was sent', {
      hint: 'Apply it without --stream.',
    })
  }
  if (console.json || streaming.length === 1) return
  const names = streaming.map(({ id }) => id).join(', ')
  throw new FabricError('IF_ERR_USAGE', `the steps ${names} answer in pieces at the same time`, {
    hint: 'Their texts would be mixed up: with --json each piece names its step.',
  })
}
