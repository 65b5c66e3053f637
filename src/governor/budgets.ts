// Budgets that are never overspent: the greatest cost of an action is held before it leaves, the actual cost replaces the
// hold afterwards. Holds and settlements of one process that arrive while a commit is under way share the next one, so
// that parallel actions don't fight over the same record; other processes are met by compare-and-swap and a retry.
//
// Order of the writes of a hold: reservation `pending`, each budget with the hold added, reservation `held`, then what the
// caller attached (its begin). Every prefix is safe on an engine that applies only a prefix: nothing leaves before `held`.
import { type Clock, FabricError, formatUsd, isFabricError, type MicroUsd, ulidTime } from '../foundation/index.ts'
import { type CommitResult, keyOf, type LogEntry, prefixOf, type Store, type Write } from '../store/index.ts'

export interface Budget {
  name: string
  /** null counts without limiting. */
  limitMicroUsd: MicroUsd | null
  per: 'day' | 'month' | 'total' | 'run'
}

/** What the store keeps of one budget in one period. */
export type BudgetRecord = {
  settledMicroUsd: MicroUsd
  /** Reserved, by reservation id. */
  holds: Record<string, MicroUsd>
}

export type ReservationRecord = {
  state: 'pending' | 'held' | 'settled' | 'released'
  /** Key of the step that it is for. */
  owner: string
  lines: { budget: string; key: string; maxMicroUsd: MicroUsd }[]
  actualMicroUsd?: MicroUsd
}

/** What goes into the same commit. */
export interface Attached {
  writes: Write[]
  log: LogEntry[]
}

export interface Hold extends Attached {
  id: string
  owner: string
  maxMicroUsd: MicroUsd
  budgets: readonly Budget[]
}

export interface BudgetLedger {
  /** Holds the maximum in every budget and commits what is attached, or neither. IF_ERR_BUDGET_EXCEEDED names what would have fitted. */
  hold(hold: Hold): Promise<CommitResult>
  /** Replaces a hold by the actual cost. Settling twice is settling once. */
  settle(settlement: { id: string; actualMicroUsd: MicroUsd } & Attached): Promise<CommitResult>
  /** What would be refused now, without holding anything. */
  check(maxMicroUsd: MicroUsd, budgets: readonly Budget[]): Promise<FabricError | undefined>
  /** Ends reservations that were left `pending` or whose step never began; returns their ids. */
  recover(hasBegun: (owner: string, id: string) => Promise<boolean>): Promise<string[]>
  /** Forgets reservations that ended before a moment; the budgets keep their sums. */
  forget(endedBeforeMs: number): Promise<number>
  view(budget: Budget): Promise<BudgetRecord>
}

type Order = ({ kind: 'hold' } & Hold) | ({ kind: 'settle'; id: string; actualMicroUsd: MicroUsd } & Attached)

interface Waiting {
  order: Order
  resolve: (result: CommitResult) => void
  reject: (reason: unknown) => void
}

const MAX_TRIES = 100

export const reservationKey = (id: string): string => keyOf('reservation', id)

/** Key of a budget's record in the period of a moment (UTC calendar). */
export function budgetKey(budget: Budget, nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10)
  const period = { day, month: day.slice(0, 7), total: 'total', run: 'run' }[budget.per]
  return keyOf('budget', budget.name, period)
}

export function openBudgetLedger(options: { store: Store; clock: Clock }): BudgetLedger {
  const { store, clock } = options
  let queue: Waiting[] = []
  let busy = false

  const submit = (order: Order): Promise<CommitResult> =>
    new Promise((resolve, reject) => {
      queue.push({ order, resolve, reject })
      if (!busy) void drain()
    })

  async function drain(): Promise<void> {
    busy = true
    await Promise.resolve() // whoever arrives in this turn joins
    while (queue.length > 0) {
      const batch = queue
      queue = []
      // Where a commit may be applied in part, one that failed must tell of one order alone.
      for (const together of store.capabilities.atomic ? [batch] : batch.map((waiting) => [waiting]))
        await carryOut(together)
    }
    busy = false
  }

  /** Says no. Where a part of the hold may be in the store, it is taken back first. */
  function refuse({ order, reject }: Waiting, reason: unknown): void {
    if (store.capabilities.atomic || order.kind === 'settle') reject(reason)
    else
      submit({ kind: 'settle', id: order.id, actualMicroUsd: 0, writes: [], log: [] }).then(
        () => reject(reason),
        () => reject(reason), // what is left is found by recover
      )
  }

  async function carryOut(batch: Waiting[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const draft = await draftCommit(batch, store, clock.now())
      for (const { waiting, reason } of draft.refused) refuse(waiting, reason)
      if (draft.accepted.length === 0) return
      try {
        const result = await store.commit(draft.writes, draft.log)
        hand(draft.accepted, result)
        return
      } catch (thrown) {
        const key = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' ? String(thrown.details.key) : undefined
        const ours = key !== undefined && draft.ownKeys.has(key)
        batch = draft.accepted.map(({ waiting }) => waiting)
        if (ours && tries < MAX_TRIES) continue
        if (key === undefined || ours || batch.length === 1) {
          for (const waiting of batch) refuse(waiting, thrown)
          return
        }
        // Somebody's attached write lost its race: each one for itself, so that only that one fails.
        for (const waiting of batch) await carryOut([waiting])
        return
      }
    }
  }

  const isStillHeld = async (id: string, { lines }: ReservationRecord): Promise<boolean> => {
    const records = await Promise.all(lines.map((line) => store.get<BudgetRecord>(line.key)))
    return records.some((entry) => entry !== undefined && id in entry.value.holds)
  }

  return {
    hold: (hold) => submit({ kind: 'hold', ...hold }),
    settle: (settlement) => submit({ kind: 'settle', ...settlement }),
    async check(maxMicroUsd, budgets) {
      for (const budget of budgets) {
        const record = (await store.get<BudgetRecord>(budgetKey(budget, clock.now())))?.value ?? EMPTY
        const refusal = exceeds(budget, record, maxMicroUsd)
        if (refusal) return refusal
      }
      return undefined
    },
    async recover(hasBegun) {
      const ended: string[] = []
      for (const entry of await store.range<ReservationRecord>(prefixOf('reservation'))) {
        const id = decodeURIComponent(entry.key.slice(prefixOf('reservation').length))
        const { state, owner } = entry.value
        const abandoned =
          state === 'pending' ||
          (state === 'held' && !(await hasBegun(owner, id))) ||
          // Settled, and cut off before every budget knew it; an atomic engine can't leave that.
          (state !== 'held' && !store.capabilities.atomic && (await isStillHeld(id, entry.value)))
        if (!abandoned) continue
        await submit({ kind: 'settle', id, actualMicroUsd: 0, writes: [], log: [] })
        ended.push(id)
      }
      return ended
    },
    async forget(endedBeforeMs) {
      const ended = (await store.range<ReservationRecord>(prefixOf('reservation'))).filter(
        ({ key, value }) => (value.state === 'settled' || value.state === 'released') && madeAt(key) < endedBeforeMs,
      )
      if (ended.length > 0)
        await store.commit(ended.map(({ key, revision }) => ({ key, value: undefined, expect: revision })))
      return ended.length
    },
    view: async (budget) => (await store.get<BudgetRecord>(budgetKey(budget, clock.now())))?.value ?? EMPTY,
  }
}

/** Reservations are named by ULIDs, whose first characters are the time of making. */
const madeAt = (key: string): number => ulidTime(key.slice(prefixOf('reservation').length))

const EMPTY: BudgetRecord = { settledMicroUsd: 0, holds: {} }

interface Draft {
  writes: Write[]
  log: LogEntry[]
  ownKeys: ReadonlySet<string>
  accepted: { waiting: Waiting; firstWrite: number; writes: number; firstLog: number; logs: number }[]
  refused: { waiting: Waiting; reason: unknown }[]
}

/** One commit for a batch, reckoned on what the store says now. */
async function draftCommit(batch: Waiting[], store: Store, nowMs: number): Promise<Draft> {
  const budgets = new Map<string, { record: BudgetRecord; revision: number | 'absent'; changed: boolean }>()
  const budgetAt = async (key: string) => {
    const known = budgets.get(key)
    if (known) return known
    const entry = await store.get<BudgetRecord>(key)
    const fresh = {
      record: structuredClone(entry?.value ?? EMPTY),
      revision: entry?.revision ?? ('absent' as const),
      changed: false,
    }
    budgets.set(key, fresh)
    return fresh
  }
  const before: Write[] = []
  const after: Write[] = []
  const accepted: { waiting: Waiting }[] = []
  const refused: Draft['refused'] = []
  const ended = new Set<string>()

  for (const waiting of batch) {
    const { order } = waiting
    const key = reservationKey(order.id)
    if (order.kind === 'hold') {
      const lines = order.budgets.map((budget) => ({
        budget: budget.name,
        key: budgetKey(budget, nowMs),
        maxMicroUsd: order.maxMicroUsd,
      }))
      let refusal: FabricError | undefined
      for (const [at, line] of lines.entries()) {
        const budget = order.budgets[at]
        if (budget) refusal ??= exceeds(budget, (await budgetAt(line.key)).record, order.maxMicroUsd, order.id)
      }
      if (refusal) {
        refused.push({ waiting, reason: refusal })
        continue
      }
      for (const line of lines) {
        const budget = await budgetAt(line.key)
        budget.record.holds[order.id] = line.maxMicroUsd
        budget.changed = true
      }
      if (!store.capabilities.atomic) {
        const expect = (await store.get(key))?.revision ?? 'absent'
        before.push({ key, value: { state: 'pending', owner: order.owner, lines }, expect })
      }
      const held: ReservationRecord = { state: 'held', owner: order.owner, lines }
      after.push({ key, value: held, expect: store.capabilities.atomic ? 'absent' : 'mine' })
    } else {
      const entry = await store.get<ReservationRecord>(key)
      if (entry && !ended.has(order.id)) {
        ended.add(order.id)
        const open = entry.value.state === 'held' || entry.value.state === 'pending'
        const actualMicroUsd = open ? order.actualMicroUsd : (entry.value.actualMicroUsd ?? 0)
        const state = entry.value.state === 'held' && actualMicroUsd > 0 ? 'settled' : 'released'
        // The record first: whoever recovers later sees that the holds are to go, and at which cost.
        if (open) before.push({ key, value: { ...entry.value, state, actualMicroUsd }, expect: entry.revision })
        for (const line of entry.value.lines) {
          const budget = await budgetAt(line.key)
          if (!(order.id in budget.record.holds)) continue
          delete budget.record.holds[order.id]
          budget.record.settledMicroUsd += actualMicroUsd
          budget.changed = true
        }
      }
    }
    accepted.push({ waiting })
  }

  const swaps: Write[] = [...budgets.entries()]
    .filter(([, budget]) => budget.changed)
    .sort(([a], [b]) => (a < b ? -1 : 1)) // one order for everybody
    .map(([key, budget]) => ({ key, value: budget.record, expect: budget.revision }))
  const writes = [...before, ...swaps, ...after]
  const ownKeys = new Set(writes.map((write) => write.key))
  const log: LogEntry[] = []
  return {
    writes,
    log,
    ownKeys,
    refused,
    accepted: accepted.map(({ waiting }) => {
      const place = {
        waiting,
        firstWrite: writes.length,
        writes: waiting.order.writes.length,
        firstLog: log.length,
        logs: waiting.order.log.length,
      }
      writes.push(...waiting.order.writes)
      log.push(...waiting.order.log)
      return place
    }),
  }
}

/** Each caller gets the revisions and sequence numbers of what it attached. */
function hand(accepted: Draft['accepted'], result: CommitResult): void {
  for (const { waiting, firstWrite, writes, firstLog, logs } of accepted) {
    waiting.resolve({
      revisions: result.revisions.slice(firstWrite, firstWrite + writes),
      sequences: result.sequences.slice(firstLog, firstLog + logs),
    })
  }
}

/** @param own a hold that a commit which was cut short has left of the very order that is asked for */
function exceeds(budget: Budget, record: BudgetRecord, maxMicroUsd: MicroUsd, own?: string): FabricError | undefined {
  if (budget.limitMicroUsd === null) return undefined
  const held = Object.entries(record.holds).reduce((sum, [id, hold]) => (id === own ? sum : sum + hold), 0)
  const left = budget.limitMicroUsd - record.settledMicroUsd - held
  if (maxMicroUsd <= left) return undefined
  return new FabricError(
    'IF_ERR_BUDGET_EXCEEDED',
    `budget ${budget.name} (${budget.per}) has ${formatUsd(Math.max(0, left))} left of ${formatUsd(budget.limitMicroUsd)}, this may cost ${formatUsd(maxMicroUsd)}`,
    {
      hint:
        held > 0
          ? `${formatUsd(held)} is held by actions under way or of unknown outcome.`
          : 'Raise the limit in config.yaml, or wait for the next period.',
      details: {
        budget: budget.name,
        per: budget.per,
        leftMicroUsd: Math.max(0, left),
        maxMicroUsd,
        heldMicroUsd: held,
      },
    },
  )
}
