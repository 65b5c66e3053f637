// ESCALATE → INVITE: a task that is stuck goes to helpers, and to people where none of them helps. Never twice for the
// same blocker, in however many processes it is heard of; nothing is lost with a process, as all that is to come follows
// from the records. Who only wants to look or to answer opens it; who is to do the work starts it as well.
import { type Clock, type Logger, silentLogger } from '../foundation/index.ts'
import type { Store } from '../store/index.ts'
import type { Budget } from './budget.ts'
import type { BudgetLedger } from './budgets.ts'
import { changeRecord, type Kept } from './change-record.ts'
import { type EscalationActs, escalationActs } from './escalation-acts.ts'
import { openLookout } from './escalation-lookout.ts'
import { ESCALATION_DEFAULTS, type EscalationSettings } from './escalation-next.ts'
import type { BlockedTask, Channel, EscalationTasks, FindHelpers, Notify } from './escalation-ports.ts'
import {
  type EscalationRecord,
  type EscalationState,
  escalationEntry,
  escalationKey,
  escalationPrefix,
  isStillStuck,
  newEscalation,
} from './escalation-record.ts'
import { advance } from './escalation-steps.ts'
import { type Invites, openInvites } from './invites.ts'
import { watchRecords } from './watched-records.ts'

export interface EscalationOptions {
  store: Store
  clock: Clock
  logger?: Logger
  ledger: Pick<BudgetLedger, 'hold' | 'settle'>
  tasks: EscalationTasks
  findHelpers: FindHelpers
  /** Out of which budgets a helper of this task is paid. */
  budgetsOf: (facts: { task: string; swarm: string }) => readonly Budget[]
  notify: Notify
  /** Where people are told. Default nowhere: it is on record and in the log only. */
  channels?: readonly Channel[]
  settings?: Partial<EscalationSettings>
  /** Hears of every change, whichever process made it; must not throw. */
  onChange?: (record: EscalationRecord) => void
}

export interface Escalations extends EscalationActs {
  /** Oldest first. */
  list(filter?: { task?: string; state?: EscalationState }): EscalationRecord[]
  readonly invites: Invites
  /** Hears of blockers and does what is due from now on, until it is closed. Any number of processes may. */
  start(): void
  /** Does what is due now; resolves when there is nothing more. */
  tick(): Promise<void>
  /** Forgets what was resolved before a moment, unless the task is stuck there still; returns how many. */
  sweep(endedBeforeMs: number): Promise<number>
  /** Waits for what is under way. */
  close(): Promise<void>
}

const GOVERNOR = 'if://service/governor'

/** Opens the escalations of a home; resolves when it is known where they stand. */
export async function openEscalations(options: EscalationOptions): Promise<Escalations> {
  const { store, clock, logger = silentLogger, tasks, channels = [], onChange } = options
  const ending = new AbortController()
  const { signal } = ending
  const lookout = openLookout({ clock, logger, signal, look: (key) => advance(parts, key) })
  const expect = (key: string, { task, state }: EscalationRecord) =>
    lookout.expect(key, { task, isOpen: state !== 'resolved' })
  const records = await watchRecords<EscalationRecord>({
    store,
    prefix: escalationPrefix,
    logger,
    onChange({ key, after }) {
      if (!after) return lookout.forget(key)
      expect(key, after)
      onChange?.(after)
    },
  })
  // Resolved ones too: whoever resolved one may have died before its invitations were withdrawn.
  for (const record of records.values()) expect(escalationKey(record), record)
  const kept: Kept<EscalationRecord> = { store, records }
  const invites = await openInvites({ ...options, onChange: ({ escalation }) => lookout.nudge(escalation) })
  const settings = { ...ESCALATION_DEFAULTS, ...options.settings }
  const parts = { ...options, kept, invites, logger, channels, settings, signal }

  /** The first who hears of a blocker makes its record; everybody else finds it. */
  async function take(blocked: BlockedTask): Promise<void> {
    const record = newEscalation(blocked, clock.now())
    if (!record || records.get(escalationKey(record))) return
    if (!isStillStuck(record, await tasks.standing(record.task))) return
    const { description, severity, needs, openedAt: at } = record
    await changeRecord(kept, escalationKey(record), (current) => {
      if (current) return undefined
      const log = escalationEntry('open', record, { actor: GOVERNOR, at }, { description, severity, needs })
      return { value: record, log: [log] }
    })
  }

  return {
    ...escalationActs(kept, clock),
    invites,
    list: ({ task, state } = {}) =>
      records
        .values()
        .filter((record) => (task ?? record.task) === record.task)
        .filter((record) => (state ?? record.state) === record.state)
        .sort((a, b) => (a.openedAt === b.openedAt ? (a.id < b.id ? -1 : 1) : a.openedAt < b.openedAt ? -1 : 1)),
    start: () => lookout.start(tasks, take),
    tick: () => lookout.tick(),

    async sweep(endedBeforeMs) {
      let count = 0
      for (const record of records.values()) {
        if (record.state !== 'resolved' || Date.parse(record.at) >= endedBeforeMs) continue
        if (isStillStuck(record, await tasks.standing(record.task))) continue
        for (const { invite } of record.asked) await invites.forget(invite)
        await changeRecord(kept, escalationKey(record), (current) => current && { value: undefined, log: [] })
        count += 1
      }
      return count
    },

    async close() {
      ending.abort()
      await lookout.close()
      records.close()
      invites.close()
    },
  }
}
