// ifab help: the first page, every command with --all, or the page of one command.
import type { CommandHandler } from '../invocation.ts'
import { allCommandsPage, helpFor } from '../output/help-text.ts'

export const helpCommand: CommandHandler = async ({ args, flags, console }) => {
  const page = flags.has('all') ? allCommandsPage(console.out) : helpFor(args, console.out)
  console.result(page.description, page.text)
}
