// ifab ops: searches the operations of all providers; all words must occur in provider, operation or summary.
import { FabricError, nearest } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { table } from '../output/table.ts'

export const opsCommand: CommandHandler = async ({ fabric, args, console }) => {
  const opened = await fabric()
  const providers = await Promise.all((await opened.providers()).map(({ id }) => opened.provider(id)))
  const all = providers.flatMap(({ id, name, operations }) =>
    operations.map((operation) => ({
      provider: id,
      operation: operation.id,
      effect: operation.effect,
      summary: operation.summary,
      text: `${id} ${name} ${operation.id} ${operation.summary}`.toLowerCase(),
    })),
  )
  const words = args.flatMap((word) => word.toLowerCase().split(/\s+/)).filter((word) => word !== '')
  const found = all.filter(({ text }) => words.every((word) => text.includes(word)))
  if (found.length === 0) {
    const near = nearest(
      words.join('.'),
      all.map(({ operation }) => operation),
    )
    throw new FabricError('IF_ERR_NOT_FOUND', `no operation has ${JSON.stringify(words.join(' '))}`, {
      hint:
        near.length > 0
          ? `Did you mean ${near.map((id) => `\`${id}\``).join(' or ')}?`
          : 'Try one plain word, such as send.',
      next: 'ifab ops',
    })
  }
  console.result(
    found.map(({ text: _, ...operation }) => operation),
    table(
      found.map(({ provider, operation, effect, summary }) => [
        provider,
        console.out.strong(operation),
        effect,
        summary,
      ]),
    ),
  )
  const [first] = found
  if (first) console.note(`Next: ifab provider show ${first.provider} ${first.operation}`)
}
