// ifab chassis new: a small module that works, to begin from.
import { join, relative, resolve } from 'node:path'
import { type NewModule, newModule, TEMPLATE_LANGUAGES, type TemplateLanguage } from '../../chassis/index.ts'
import { packageRoot } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { shellWord } from '../output/shell-words.ts'

const KINDS = ['adapter', 'agent'] as const

export const chassisNewCommand: CommandHandler = async (invocation) => {
  const { args, flags, console } = invocation
  const folder = resolve(args[0] ?? '.')
  const lang = languageOf(invocation)
  const kind = KINDS.find((known) => known === flags.text('kind'))
  const name = flags.text('name')
  const made = await newModule({
    lang,
    folder,
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    templates: join(packageRoot(), 'templates', 'chassis'),
  })
  const place = relative(process.cwd(), folder) || '.'
  console.result(
    { folder, lang, ...made },
    `${console.out.good('✓')} ${made.name}, ${made.kind === 'adapter' ? 'an adapter' : 'an agent'} in ${place}\n${made.files.map((file) => `  ${file}`).join('\n')}`,
  )
  console.note(`Next: ${nextSteps(place, made)}`)
}

/** Where something has to be run before, from inside the folder. */
function nextSteps(place: string, { input, prepare }: NewModule): string {
  if (prepare === undefined) return `ifab chassis build ${shellWord(join(place, input))}`
  const enter = place === '.' ? '' : `cd ${shellWord(place)} && `
  return `${enter}${prepare}    Then: ifab chassis build ${shellWord(input)}`
}

function languageOf({ flags }: Invocation): TemplateLanguage {
  const lang = TEMPLATE_LANGUAGES.find((known) => known === flags.text('lang'))
  if (lang) return lang
  throw new FabricError('IF_ERR_USAGE', `--lang is needed: ${TEMPLATE_LANGUAGES.join(', ')}`, {
    hint: 'ts needs no other tool.',
    next: 'ifab help chassis new',
  })
}
