// ifab call: performs a read. A stream prints JSON Lines until Ctrl-C or --timeout.
import { FabricError } from '../../foundation/index.ts'
import { readOperation } from '../input/operation.ts'
import { type Interruption, listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler } from '../invocation.ts'
import { spanText } from '../output/phrases.ts'

export const callCommand: CommandHandler = async (invocation) => {
  const { console, io, flags, why } = invocation
  const { intent, operation } = await readOperation(invocation)
  const fabric = await invocation.fabric()
  const interruption = listenForInterrupt(io)
  const limitMs = flags.duration('timeout')
  const deadline = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs)
  const signal = deadline ? AbortSignal.any([deadline, interruption.stop]) : interruption.stop
  const options = { signal, ...(why === undefined ? {} : { why }) }
  try {
    if (operation.streams) {
      for await (const event of fabric.watch(intent, options)) console.jsonLine(event)
      return interruption.exitCode ?? 0
    }
    const receipt = await fabric.call(intent, options)
    console.result(receipt, JSON.stringify(receipt.result, null, 2))
    const entry = receipt.witness > 0 ? ` · witness #${receipt.witness}` : ''
    console.note(`${spanText(receipt.durationMs)}${entry}`)
    return 0
  } catch (thrown) {
    return endOf(thrown, interruption, deadline, operation.streams)
  } finally {
    interruption.end()
  }
}

/** A stream that was ended on purpose ended well. */
function endOf(
  thrown: unknown,
  interruption: Interruption,
  deadline: AbortSignal | undefined,
  stream: boolean,
): number {
  if (interruption.exitCode !== undefined) return interruption.exitCode
  if (!deadline?.aborted) throw thrown
  if (stream) return 0
  throw new FabricError('IF_ERR_TIMEOUT', 'no answer came before --timeout passed', { cause: thrown })
}
