// What printing a plan needs beside the plan: tags of the instances, the clock, colours, and where it would happen.
import type { Invocation } from '../invocation.ts'
import type { Colours } from '../output/colours.ts'
import type { PlanContext } from '../output/plan-text.ts'
import { elsewhere } from '../output/way-text.ts'

export async function planContext(invocation: Invocation, paint: Colours): Promise<PlanContext> {
  const fabric = await invocation.fabric()
  const instances = await fabric.instances()
  const where = elsewhere(fabric.way)
  return {
    tags: Object.fromEntries(
      [...(fabric.project?.instances ?? []), ...instances].map(({ name, tags }) => [name, tags]),
    ),
    now: invocation.io.now(),
    paint,
    ...(where === undefined ? {} : { where }),
  }
}
