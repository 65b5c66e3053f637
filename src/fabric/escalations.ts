// Wires the escalation of blockers: tasks from the coordinator, helpers from the registry, money from the budgets, and
// people told by a message, which takes the way of every action, or by a webhook, whose address is the owner's own.
import type { Coordinator, Task } from '../coordinator/index.ts'
import { FabricError, isFabricError, type JsonObject } from '../foundation/index.ts'
import {
  type BlockedTask,
  type Escalations,
  type EscalationTasks,
  helpersFrom,
  type Notice,
  type Notify,
  openEscalations,
} from '../governor/index.ts'
import { budgetsOfRun } from '../pipeline/index.ts'
import type { HomeParts } from './compose.ts'
import type { Fabric } from './port.ts'

/** Who tells people of blockers and of plans that wait. */
export const GOVERNOR = 'if://service/governor'

export interface EscalationWiring {
  coordinator: () => Promise<Coordinator>
  /** The home as the governor uses it. */
  asGovernor: () => Fabric
}

export async function openEscalationsOf(parts: HomeParts, wiring: EscalationWiring): Promise<Escalations> {
  const { store, clock, logger, ledger, config } = parts
  const { inviteFor, after, remindEvery, channels } = config.escalation
  return openEscalations({
    store,
    clock,
    logger,
    ledger,
    tasks: tasksOf(wiring.coordinator),
    findHelpers: helpersFrom({
      registry: parts.registry,
      policy: () => parts.resourcePolicy.current,
      hours: config.governor.estimatedHours,
    }),
    budgetsOf: ({ task, swarm }) =>
      budgetsOfRun(parts.budgets, { task, swarm, session: `task-${task}`, actor: `if://swarm/${swarm}` }),
    notify: notifyOf(parts, wiring.asGovernor),
    channels,
    settings: {
      inviteForMs: inviteFor,
      afterMs: after,
      remindEveryMs: remindEvery,
      minMatch: parts.resourcePolicy.current.minCapabilityMatch,
    },
  })
}

const ALL = 1_000_000

const tasksOf = (coordinator: () => Promise<Coordinator>): EscalationTasks => ({
  async *blockers({ signal }) {
    for await (const event of (await coordinator()).blockers({ signal })) yield { ...event }
  },
  async *moves({ signal }) {
    for await (const { task } of (await coordinator()).watch({ signal })) yield { task }
  },
  async stuck() {
    const kept = await coordinator()
    const [blocked, dead] = await Promise.all([
      kept.list({ state: 'blocked', limit: ALL }),
      kept.list({ state: 'dead', limit: ALL }),
    ])
    return [...blocked, ...dead].flatMap(stuckOf)
  },
  async standing(task) {
    try {
      const { state, token } = await (await coordinator()).get(task)
      return { state, token }
    } catch (thrown) {
      if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return undefined
      throw thrown
    }
  },
})

/** What a task that is stuck already says of its blocker. */
function stuckOf(task: Task): BlockedTask[] {
  const { id, kind, swarm, token, state, blocker, error, history, holder } = task
  const at = history.at(-1)?.at ?? task.enqueuedAt
  const base = { task: id, kind, swarm, at, token, by: holder ? `${holder.swarm}/${holder.worker}` : null }
  if (state === 'blocked' && blocker) return [{ ...base, blocker }]
  if (state !== 'dead') return []
  const description = error?.message ?? 'all attempts have failed'
  return [{ ...base, blocker: { type: 'attempts-exhausted', description, severity: 'high', requiredCapabilities: [] } }]
}

/** Tells people: by `message.send` of an instance, judged and witnessed like every action, or by a webhook. */
export function notifyOf(parts: HomeParts, asGovernor: () => Fabric): Notify {
  return async (channel, notice, { signal }) => {
    if ('webhook' in channel) return callWebhook(parts, channel.webhook, notice, signal)
    const fabric = asGovernor()
    const plan = await fabric.plan(
      { instance: channel.instance, operation: 'message.send', input: { to: channel.to, text: notice.text } },
      { why: `notice ${notice.key}` },
    )
    const { state, steps } = await fabric.apply(plan, { signal })
    const [step] = steps
    if (state === 'unknown') throw new FabricError('IF_ERR_OUTCOME_UNKNOWN', step?.error?.message ?? 'no answer came')
    if (state !== 'done')
      throw new FabricError(step?.error?.code ?? 'IF_ERR_RUN_FAILED', step?.error?.message ?? `the run is ${state}`)
  }
}

const WEBHOOK_MS = 10_000

/** The address is the owner's own, from config.yaml; it gets the notice as JSON, and its key to tell repeats apart. */
async function callWebhook({ door }: HomeParts, address: string, notice: Notice, signal: AbortSignal): Promise<void> {
  const url = new URL(address)
  const body: JsonObject = { key: notice.key, reminder: notice.reminder, text: notice.text, ...notice.facts }
  const { response } = await door.send(
    {
      method: 'POST',
      url: url.href,
      headers: { 'content-type': 'application/json', 'idempotency-key': notice.key },
      body: JSON.stringify(body),
      slots: [],
    },
    {
      route: { method: 'POST', origins: [url.origin], path: url.pathname },
      secrets: { open: async (name) => Promise.reject(new FabricError('IF_ERR_SECRET_MISSING', `no secret ${name}`)) },
      allowPrivate: true,
      retry: { attempts: 3, backoffSeconds: [1, 2], repeatable: true },
      timeoutMs: WEBHOOK_MS,
      signal,
    },
  )
  if (response.status >= 300)
    throw new FabricError('IF_ERR_ACTION_FAILED', `the webhook at ${url.origin} answered ${response.status}`)
}
