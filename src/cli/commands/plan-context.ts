// What printing a plan needs beside the plan: tags of the instances, the clock, colours.
import type { Invocation } from '../invocation.ts'
import type { Colours } from '../output/colours.ts'
import type { PlanContext } from '../output/plan-text.ts'

export async function planContext(invocation: Invocation, paint: Colours): Promise<PlanContext> {
  const instances = await (await invocation.fabric()).instances()
  return {
    tags: Object.fromEntries(instances.map(({ name, tags }) => [name, tags])),
    now: invocation.io.now(),
    paint,
  }
}
