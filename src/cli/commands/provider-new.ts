// ifab provider new: definition and test of a provider that the repository has not, from a file of facts.
import { join, resolve } from 'node:path'
import { packageRoot } from '../../fabric/index.ts'
import { FabricError, systemClock } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { newProvider } from '../scaffold/new-provider.ts'

export const providerNewCommand: CommandHandler = async ({ args, flags, console }) => {
  const from = flags.text('from')
  if (from === undefined) {
    throw new FabricError('IF_ERR_USAGE', '--from is needed: a catalogue row or an OpenAPI 3 description', {
      next: 'ifab help provider new',
    })
  }
  const category = flags.text('category')
  const made = await newProvider({
    id: args[0] ?? '',
    from,
    ...(category === undefined ? {} : { category }),
    root: resolve(flags.text('dir') ?? '.'),
    templates: join(packageRoot(), 'templates', 'provider'),
    today: new Date(systemClock.now()).toISOString().slice(0, 10),
  })
  const { id, files, operations } = made
  const lines = files.map((file) => `  ${file}`).join('\n')
  console.result(made, `${console.out.good('✓')} ${id}, ${operations} operations\n${lines}`)
  console.note(
    `Next: npm run format && npm run generate && IFAB_CONTRACT=${id} npx vitest run tests/contract/providers/${made.category}`,
  )
}
