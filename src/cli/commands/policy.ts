// ifab policy list, explain, what-if: which policies hold, what they decide, what others would have decided.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { FabricError } from '../../foundation/index.ts'
import { isSelector, readIntent } from '../input/operation.ts'
import { givenWhy } from '../input/reason.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler } from '../invocation.ts'
import { policiesText, policyExplanationText, whatIfText } from '../output/policy-text.ts'
import { assignmentWords, shellWord } from '../output/shell-words.ts'

export const policyListCommand: CommandHandler = async ({ fabric, console }) => {
  const view = await (await fabric()).policies()
  console.result(view, policiesText(view, console.out))
  console.note(
    `Next: ${view.fault || view.resourceFault ? 'ifab policy check' : 'ifab policy explain INSTANCE OPERATION key=value…'}`,
  )
}

export const policyExplainCommand: CommandHandler = async (invocation) => {
  const { console, flags } = invocation
  const [instance = ''] = invocation.args // required by the command tree
  if (isSelector(instance)) {
    throw new FabricError('IF_ERR_USAGE', `policies judge an action on one instance, and ${instance} names none`, {
      hint: 'Name an instance, or a provider by its id.',
      next: 'ifab provider list',
    })
  }
  const intent = await readIntent(invocation)
  const onBehalfOf = flags.text('on-behalf-of')
  const explanation = await (await invocation.fabric()).explainIntent(intent, {
    ...givenWhy(invocation),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  })
  console.result(explanation, policyExplanationText(explanation, console.out, { all: invocation.explain }))
  const words = [shellWord(intent.instance), intent.operation, assignmentWords(intent.input)].filter(
    (word) => word !== '',
  )
  console.note(`Next: ifab plan ${words.join(' ')}`)
}

export const policyWhatIfCommand: CommandHandler = async (invocation) => {
  const { args, flags, console } = invocation
  const [path = ''] = args // required by the command tree
  const file = { name: basename(path), text: await policyText(path) }
  const interruption = listenForInterrupt(invocation.io)
  try {
    const report = await (await invocation.fabric()).whatIfPolicy(file, { signal: interruption.stop })
    console.result(report, whatIfText(report, console.out))
    const [first] = report.flips
    if (first) console.note(`Next: ifab witness log ${first.seq}`)
    return flags.has('check') && report.flips.length > 0 ? 1 : 0
  } catch (thrown) {
    if (interruption.exitCode === undefined) throw thrown
    throw new FabricError('IF_ERR_CANCELLED', 'stopped; nothing was changed', {
      details: { exitCode: interruption.exitCode },
    })
  } finally {
    interruption.end()
  }
}

const policyText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const isMissing = cause.code === 'ENOENT'
    const problem = isMissing ? 'there is no such file' : `cannot be read (${cause.code})`
    throw new FabricError(isMissing ? 'IF_ERR_NOT_FOUND' : 'IF_ERR_INVALID_FILE', `${path}: ${problem}`, { cause })
  })
