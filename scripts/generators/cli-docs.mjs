// docs/cli.md: every command with its arguments, flags and examples, as src/cli/command-tree.ts describes them.
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'

export const source = 'src/cli/command-tree.ts'

export async function outputs() {
  const { describeCommands } = await loadSource(source)
  return { 'docs/cli.md': `<!-- ${GENERATED} -->\n${await describeCommands()}` }
}
