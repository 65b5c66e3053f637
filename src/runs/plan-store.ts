// Where plans wait to be applied: by digest, and the last one of each actor.
import { type Clock, FabricError, shortId } from '../foundation/index.ts'
import { keyOf, prefixOf, type Store } from '../store/index.ts'
import { type Plan, planSchema } from './plan.ts'

const planKey = (digest: string): string => keyOf('plan', digest)
const lastKey = (actor: string): string => keyOf('last-plan', actor)
/** Notes the run that a plan was applied by; a plan is applied once. */
export const appliedKey = (planId: string): string => keyOf('applied', planId)

/** Planning the same again gives the same digest and a fresh id, which can be applied afresh. */
export async function storePlan(store: Store, plan: Plan): Promise<void> {
  await store.commit([
    { key: planKey(plan.digest), value: plan, expect: 'any' },
    { key: lastKey(plan.actor), value: plan.digest, expect: 'any' },
  ])
}

/** By digest, a unique piece of its beginning, or `last`. */
export async function findPlan(store: Store, reference: string, actor: string): Promise<Plan> {
  const digest = reference === 'last' ? (await store.get<string>(lastKey(actor)))?.value : reference.toLowerCase()
  if (!digest || !/^[0-9a-f]{4,64}$/.test(digest)) {
    throw new FabricError(
      'IF_ERR_NOT_FOUND',
      reference === 'last' ? `${actor} has no plan yet` : `${JSON.stringify(reference)} names no plan`,
      {
        hint: 'A plan is named by its digest, at least the first 4 characters, or `last`.',
        next: 'ifab plan INSTANCE OPERATION key=value…',
      },
    )
  }
  const found = await store.range<Plan>(`${prefixOf('plan')}${digest}`, { limit: 2 })
  const [entry, second] = found
  if (!entry)
    throw new FabricError('IF_ERR_NOT_FOUND', `there is no plan ${shortId(digest)}`, {
      hint: 'Plans are kept in the home they were made in.',
    })
  if (second)
    throw new FabricError('IF_ERR_NOT_FOUND', `${reference} names more than one plan`, {
      hint: 'Write more of its digest.',
    })
  return entry.value
}

/** Removes plans that expired more than a week ago and were never applied. */
export async function sweepPlans(store: Store, clock: Clock): Promise<number> {
  const limit = clock.now() - 7 * 24 * 60 * 60 * 1000
  let swept = 0
  for (const entry of await store.range<Plan>(prefixOf('plan'))) {
    if (Date.parse(entry.value.expiresAt) > limit) continue
    if (await store.get(appliedKey(entry.value.id))) continue // a run still shows its plan
    await store.commit([{ key: entry.key, value: undefined, expect: entry.revision }])
    swept++
  }
  return swept
}

/** A plan from a file; IF_ERR_INVALID_FILE where it isn't one. */
export function parsePlan(value: unknown, name: string): Plan {
  const parsed = planSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new FabricError(
    'IF_ERR_INVALID_FILE',
    `${name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not a plan'}`,
    {
      hint: 'Write a plan with `ifab plan … --out FILE`.',
    },
  )
}
