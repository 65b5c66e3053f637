// An action whose answer is handed out as it comes: planned and applied like every other, on a home or through a daemon.
import { FabricError, optional } from '../foundation/index.ts'
import { Handover } from './handover.ts'
import type { Fabric, FabricStream, Intent, Run, StreamOptions } from './port.ts'

/** Begins when somebody reads. Who leaves early waits until what had come is on record. */
export function streamOf(
  fabric: Pick<Fabric, 'plan' | 'apply'>,
  intent: Intent,
  options: StreamOptions = {},
): FabricStream {
  let settle: { resolve: (run: Run) => void; reject: (thrown: unknown) => void } | undefined
  const run = new Promise<Run>((resolve, reject) => {
    settle = { resolve, reject }
  })
  run.catch(() => undefined) // who reads is told as well

  async function* pieces() {
    const handover = new Handover()
    const leaving = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, leaving.signal]) : leaving.signal
    const work = perform(fabric, intent, { ...options, signal }, handover).finally(() => handover.end())
    work.then(settle?.resolve, settle?.reject)
    try {
      for (let piece = await handover.take(); piece; piece = await handover.take()) yield piece
    } finally {
      leaving.abort()
      handover.end()
      await run.catch(() => undefined)
    }
    checkWhole(await run)
  }

  const reading = pieces()
  return { run, [Symbol.asyncIterator]: () => reading }
}

async function perform(
  fabric: Pick<Fabric, 'plan' | 'apply'>,
  intent: Intent,
  { onBehalfOf, ...how }: StreamOptions,
  handover: Handover,
): Promise<Run> {
  const plan = await fabric.plan(intent, {
    stream: true,
    ...optional('why', how.why),
    ...optional('onBehalfOf', onBehalfOf),
  })
  return fabric.apply(plan, { ...how, onPiece: ({ piece }) => handover.give(piece) })
}

/** Who has read to the end is told where the answer was not whole. */
function checkWhole({ state, record, steps }: Run): void {
  if (state === 'done') return
  const error = record.error ?? steps.find((step) => step.error)?.error
  throw new FabricError(error?.code ?? 'IF_ERR_RUN_FAILED', error?.message ?? `the run is ${state}`, {
    ...optional('hint', error?.hint),
    details: { run: record.id, state },
  })
}
