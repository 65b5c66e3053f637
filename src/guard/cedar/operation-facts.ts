// Operations as policies name them: every one belongs to the groups of its family, of its effect, and to `outward` where
// it carries something out. Effect and labels are those of the signed manifest.
import { EFFECTS, type Effect, type Labels, type Manifest, VOCABULARY } from '../../adapter/index.ts'

export interface OperationFacts {
  /** `payment.create`, or with its provider where it is native: `stripe:checkout.session.create`. */
  id: string
  provider: string
  effect: Effect
  labels: Labels
}

/** Every operation of the manifests; a standard one once per provider, since its effect may differ. */
export function operationFactsOf(manifests: readonly Manifest[]): OperationFacts[] {
  return manifests.flatMap((manifest) =>
    Object.entries(manifest.operations).map(([id, { effect, reads, returns, sends }]) => ({
      id,
      provider: manifest.id.slice('if://capability/'.length),
      effect,
      labels: { reads, returns, sends },
    })),
  )
}

/** The groups of one action. */
export function groupsOf({ id, effect, labels }: Pick<OperationFacts, 'id' | 'labels'> & { effect: Effect }): string[] {
  return [familyOf(id), effect, ...(labels.sends === 'external' ? [OUTWARD] : [])]
}

const OUTWARD = 'outward'
const NATIVE = 'native'

/** `payment`; of what a vendor has beyond the vocabulary `native`. */
export const familyOf = (id: string): string => (id.includes(':') ? NATIVE : id.slice(0, Math.max(id.indexOf('.'), 0)))

/** Every operation with all groups that it has with any provider; those of the vocabulary that nobody has yet too. */
export function groupsByOperation(operations: readonly OperationFacts[]): Map<string, string[]> {
  const groups = new Map<string, Set<string>>()
  for (const id of Object.keys(VOCABULARY)) groups.set(id, new Set([familyOf(id)]))
  for (const operation of operations) {
    const known = groups.get(operation.id) ?? new Set()
    for (const group of groupsOf(operation)) known.add(group)
    groups.set(operation.id, known)
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, known]) => [id, [...known].sort()]))
}

/** Groups that are there whatever the operations are. */
export const FIXED_GROUPS = [...EFFECTS, OUTWARD, NATIVE]
