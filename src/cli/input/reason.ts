// --why where a decision needs one: refused before anything is opened.
import { FabricError } from '../../foundation/index.ts'
import type { Invocation } from '../invocation.ts'

/** The reason; `told` says what it is good for: `everybody who is stopped is shown it`. */
export function neededWhy({ why, command }: Pick<Invocation, 'why' | 'command'>, told: string): string {
  if (why !== undefined) return why
  throw new FabricError('IF_ERR_USAGE', `\`ifab ${command.path.join(' ')}\` needs --why "…": ${told}`, {
    hint: 'It is kept in the signed log.',
  })
}

/** `{ why }` where one was given. */
export const givenWhy = ({ why }: Pick<Invocation, 'why'>): { why?: string } => (why === undefined ? {} : { why })
