// A plan of an operation whose answer is to be handed out as it comes.
import { VOCABULARY } from '../adapter/index.ts'
import { FabricError } from '../foundation/index.ts'
import type { Plan } from '../runs/index.ts'
import type { Intent } from './intent.ts'

/** Standard operations that can answer either way are asked to stream. */
export function askedToStream(intent: Intent): Intent {
  const { operation, input } = intent
  const standard = Object.entries(VOCABULARY).find(([id]) => id === operation)
  const hasChoice = standard !== undefined && 'stream' in standard[1].input.shape
  return hasChoice ? { ...intent, input: { stream: true, ...input } } : intent
}

/** The plan; IF_ERR_UNSUPPORTED where its answer comes whole. */
export function requireStream(plan: Plan, { instance, operation }: Intent): Plan {
  if (plan.steps.some(({ request }) => request.streams)) return plan
  throw new FabricError(
    'IF_ERR_UNSUPPORTED',
    `${operation} at ${instance} does not answer in pieces; nothing was sent`,
    {
      hint: 'Ask for the whole answer.',
      next: `ifab apply ${instance} ${operation} …`,
    },
  )
}
