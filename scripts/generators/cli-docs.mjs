// docs/cli.md: every command with its arguments, flags and examples, from the command tree.
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'

export const source = 'src/cli/output/command-page.ts'

export async function outputs() {
  const { commandsPage } = await loadSource(source)
  return { 'docs/cli.md': `<!-- ${GENERATED} -->\n${commandsPage()}` }
}
