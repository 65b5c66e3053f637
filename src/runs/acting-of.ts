// Who acts in a run, whoever works on it: the one who started it.
import { optional } from '../foundation/index.ts'
import type { Acting } from '../pipeline/index.ts'
import type { Plan } from './plan.ts'
import type { RunRecord } from './records.ts'

export const actingOf = ({ actor, session, swarm, why }: RunRecord, { onBehalfOf }: Plan): Acting => ({
  actor,
  session,
  ...optional('swarm', swarm),
  ...optional('why', why),
  ...optional('onBehalfOf', onBehalfOf),
})
