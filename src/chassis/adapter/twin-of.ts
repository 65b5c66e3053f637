// The twin of an adapter that others wrote: it answers each route with the example that its description gives. Enough to
// rehearse plans and runs; it remembers nothing and proves nothing about the vendor.
import type { JsonValue, TwinAnswer, TwinDefinition, TwinFault } from '../../adapter/index.ts'
import type { AdapterDescription, GuestPlanned } from '../module/description.ts'

const STATUS: Record<TwinFault, number> = {
  unauthorized: 401,
  'not-found': 404,
  invalid: 422,
  'rate-limited': 429,
  unavailable: 503,
}

/** A twin that answers with the examples. */
export function twinOf(
  entries: readonly {
    name: string
    described: AdapterDescription['operations'][string]
    plans: GuestPlanned[]
  }[],
): TwinDefinition {
  const handlers = entries.map(({ name, described, plans }) => {
    const answers = described.examples.map(({ response }, at) => ({ path: plans[at]?.request.path, response }))
    const answer = ({ template }: { template: string }): TwinAnswer => {
      const fitting = answers.find(({ path }) => path !== undefined && template.endsWith(path)) ?? answers[0]
      return { body: fitting?.response ?? ({} as JsonValue) }
    }
    return [name, answer] as const
  })
  return {
    fault: (kind, message) => ({ status: STATUS[kind], body: { error: { message } } }),
    operations: Object.fromEntries(handlers),
  }
}
