// Questions to a person at a terminal, on stderr. Ctrl-C, Ctrl-D or an aborted signal end the question as 130.
import { createInterface } from 'node:readline'
import { FabricError } from '../../foundation/index.ts'
import type { Io } from '../io.ts'

/** Asks until the answer is yes or no. */
export async function askYesNo(io: Io, question: string, signal?: AbortSignal): Promise<boolean> {
  for (;;) {
    const answer = (await askLine(io, `${question} (yes/no) `, signal)).trim().toLowerCase()
    if (answer === 'yes' || answer === 'y') return true
    if (answer === 'no' || answer === 'n') return false
  }
}

/** One line, as typed. */
export function askLine(io: Io, question: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    // terminal: false leaves editing and Ctrl-C to the terminal itself.
    const lines = createInterface({ input: io.stdin, terminal: false })
    let answered = false
    const giveUp = () => lines.close()
    signal?.addEventListener('abort', giveUp, { once: true })
    lines.once('line', (line) => {
      answered = true
      lines.close()
      resolve(line)
    })
    lines.once('close', () => {
      signal?.removeEventListener('abort', giveUp)
      if (!answered) reject(stopped())
    })
    io.stderr.write(question)
  })
}

const SHOWN_AFTERWARDS = '•'.repeat(16)

/** Asks for a secret: nothing of it shows, not even its length. */
export function askHidden(io: Io, question: string): Promise<string> {
  const { stdin } = io
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (finish: () => void, shown: string) => {
      stdin.removeListener('data', onData)
      stdin.setRawMode?.(false)
      stdin.pause()
      io.stderr.write(`${shown}\n`)
      finish()
    }
    const onData = (chunk: Buffer | string) => {
      for (const key of chunk.toString()) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed), SHOWN_AFTERWARDS)
        if (key === CTRL_C || (key === CTRL_D && typed === '')) return end(() => reject(stopped()), '')
        typed = edited(typed, key)
      }
    }
    stdin.setRawMode?.(true)
    stdin.on('data', onData)
    stdin.resume()
    io.stderr.write(question)
  })
}

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'

function edited(text: string, key: string): string {
  if (key === '\u007f' || key === '\b') return [...text].slice(0, -1).join('')
  if (key === CTRL_U) return ''
  return key < ' ' ? text : text + key
}

const stopped = (): FabricError =>
  new FabricError('IF_ERR_CANCELLED', 'stopped at a question; nothing was done', { details: { exitCode: 130 } })
