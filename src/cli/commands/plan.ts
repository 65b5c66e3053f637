// ifab plan: shows exactly what would happen. Exits 0 whatever the verdict, unless --check asks for more.
import { randomUUID } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { FabricError, shortId } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import { makePlan } from '../input/plan-source.ts'
import type { CommandHandler } from '../invocation.ts'
import { planText } from '../output/plan-text.ts'
import { shellWord } from '../output/shell-words.ts'
import { explain } from './explain.ts'
import { falsifyPlan } from './falsify.ts'
import { planContext } from './plan-context.ts'

export const planCommand: CommandHandler = async (invocation) => {
  const { console, flags } = invocation
  const plan = await makePlan(invocation)
  if (invocation.falsify) return falsifyPlan(invocation, plan)

  const file = flags.text('out')
  if (file !== undefined) await writePlan(file, plan)
  console.attach('way', (await invocation.fabric()).way)
  console.result(plan, planText(plan, await planContext(invocation, console.out)))
  await explain(invocation, plan)
  console.note(`Next: ${nextCommand(plan, file)}`)
  return flags.has('check') ? CHECKED[plan.verdict.decision] : 0
}

const CHECKED = { allow: 0, deny: 3, ask: 9 } as const

/** Whole or not at all: a disk that fills up leaves neither half a plan nor a lost earlier one. */
async function writePlan(file: string, plan: Plan): Promise<void> {
  const text = `${JSON.stringify(plan, null, 2)}\n`
  const draft = `${file}.${randomUUID()}.tmp`
  try {
    if (await isDevice(file)) return await writeFile(file, text)
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, file)
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined) // where none could be made, none is left
    const { code } = cause as NodeJS.ErrnoException
    throw new FabricError('IF_ERR_USAGE', `--out ${file}: the file cannot be written (${code})`, { cause })
  }
}

/** /dev/stdout, a pipe: nothing that another file could take the place of. */
async function isDevice(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && !found.isFile() && !found.isDirectory()
}

function nextCommand(plan: Plan, file: string | undefined): string {
  if (plan.verdict.decision === 'deny') return 'the same command with --explain, to see which rule forbids it'
  return `ifab apply --plan ${file === undefined ? shortId(plan.digest) : shellWord(file)}`
}
