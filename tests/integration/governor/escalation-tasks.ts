// The tasks of a coordinator as escalations ask for them.
import type { Coordinator, Task } from '../../../src/coordinator/index.ts'
import { isFabricError } from '../../../src/foundation/index.ts'
import type { BlockedTask, EscalationTasks } from '../../../src/governor/escalation-ports.ts'

export const tasksOf = (coordinator: Coordinator): EscalationTasks => ({
  blockers: (options) => coordinator.blockers(options),
  moves: (options) => coordinator.watch(options),
  async stuck() {
    const [blocked, dead] = await Promise.all([
      coordinator.list({ state: 'blocked', limit: 100_000 }),
      coordinator.list({ state: 'dead', limit: 100_000 }),
    ])
    return [...blocked, ...dead].map(blockedTaskOf)
  },
  async standing(task) {
    try {
      return await coordinator.get(task)
    } catch (thrown) {
      if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return undefined
      throw thrown
    }
  },
})

function blockedTaskOf({ id, kind, swarm, token, blocker, error, history, holder }: Task): BlockedTask {
  return {
    task: id,
    kind,
    swarm,
    token,
    at: history.at(-1)?.at ?? '',
    by: holder ? `${holder.swarm}/${holder.worker}` : null,
    blocker: blocker ?? {
      type: 'attempts-exhausted',
      description: error?.message ?? 'given up',
      severity: 'high',
      requiredCapabilities: [],
    },
  }
}
