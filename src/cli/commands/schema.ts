// ifab schema: the command tree as JSON, with or without --json.
import type { CommandHandler } from '../invocation.ts'
import { helpFor } from '../output/help-text.ts'

export const schemaCommand: CommandHandler = async ({ args, console }) => {
  const { description } = helpFor(args, console.out)
  console.result(description, JSON.stringify(description, null, 2))
}
