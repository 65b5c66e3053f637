// How an error reads for people: what happened, why (--explain), what to do, which command to type. Never a stack trace.
import type { FabricError } from '../../foundation/index.ts'
import type { Colours } from './colours.ts'
import { type Explanation, explanationText } from './explain-text.ts'
import { printable } from './printable.ts'

/** What a command may put into an error's details for people. */
export interface ErrorDetails {
  explanation?: Explanation[]
  /** Commands by what they are for: `{ 'Go on': 'ifab apply --resume …' }`. */
  ways?: Record<string, string>
}

export function errorText(error: FabricError, exitCode: number, paint: Colours): string {
  const { explanation, ways }: ErrorDetails = error.details
  const commands = Object.entries(ways ?? (error.next ? { Next: error.next } : {}))
  const lines = [
    `${paint.bad('✗')} ${paint.strong(error.code)}: ${printable(error.message)}  ${paint.faint(`[exit ${exitCode}]`)}`,
    explanation ? explanationText(explanation) : '',
    error.hint ? `  ${printable(error.hint)}` : '',
    commands.length > 0 ? `  ${commands.map(([what, command]) => `${what}: ${command}`).join('    ')}` : '',
  ]
  return lines.filter((line) => line !== '').join('\n')
}
