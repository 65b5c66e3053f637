// Approvals: a person's yes to exactly one plan and its undo, used once, until the plan expires.
import { type Clock, FabricError, parseAddress, shortId, timestamp } from '../foundation/index.ts'
import { keyOf, prefixOf, type Store, type Write } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'

export type ApprovalRecord = {
  plan: string
  state: 'waiting' | 'granted' | 'denied' | 'used'
  requestedBy: string
  requestedAt: string
  expiresAt: string
  /** What would happen, in one line. */
  summary: string
  decidedBy?: string
  decidedAt?: string
  why?: string
}

export interface Approvals {
  list(): Promise<ApprovalRecord[]>
  get(plan: string): Promise<ApprovalRecord | undefined>
  /** Notes that a plan waits; a second request for the same plan changes nothing while the first one stands. */
  request(record: Omit<ApprovalRecord, 'state' | 'requestedAt'>): Promise<ApprovalRecord>
  /** A person's decision; IF_ERR_APPROVAL_FORBIDDEN for anybody else, IF_ERR_CONFLICT when it was decided before. */
  decide(
    plan: string,
    decision: 'granted' | 'denied',
    by: { actor: string; session: string; why?: string },
  ): Promise<ApprovalRecord>
  /** The write that uses a granted approval up; it goes into the commit that starts the run. */
  use(plan: string): Promise<Write | undefined>
}

const key = (plan: string): string => keyOf('approval', plan)

export function openApprovals(options: {
  store: Store
  clock: Clock
  approvers: readonly string[] | undefined
}): Approvals {
  const { store, clock, approvers } = options
  const read = (plan: string) => store.get<ApprovalRecord>(key(plan))

  return {
    async list() {
      return (await store.range<ApprovalRecord>(prefixOf('approval'))).map((entry) => entry.value)
    },
    get: async (plan) => (await read(plan))?.value,
    async request(record) {
      const existing = await read(record.plan)
      // The same plan made again is a new question once the old one was used up or has expired.
      if (existing && existing.value.state !== 'used' && !hasExpired(existing.value, clock)) return existing.value
      const waiting: ApprovalRecord = { ...record, state: 'waiting', requestedAt: timestamp(clock.now()) }
      await store.commit([{ key: key(record.plan), value: { ...waiting }, expect: existing?.revision ?? 'absent' }])
      return waiting
    },
    async decide(plan, decision, by) {
      const entry = await read(plan)
      if (!entry) throw new FabricError('IF_ERR_NOT_FOUND', `no approval is asked for plan ${shortId(plan)}`)
      const record = entry.value
      checkApprover(by.actor, record.requestedBy, approvers)
      if (record.state !== 'waiting') {
        throw new FabricError(
          'IF_ERR_CONFLICT',
          `plan ${shortId(plan)} is ${record.state} already, by ${record.decidedBy}`,
          { retryable: false },
        )
      }
      if (hasExpired(record, clock)) {
        throw new FabricError('IF_ERR_PLAN_EXPIRED', `plan ${shortId(plan)} expired at ${record.expiresAt}`, {
          hint: 'Plan again.',
        })
      }
      const at = timestamp(clock.now())
      const decided: ApprovalRecord = {
        ...record,
        state: decision,
        decidedBy: by.actor,
        decidedAt: at,
        ...(by.why ? { why: by.why } : {}),
      }
      const log: WitnessEntry = {
        kind: decision === 'granted' ? 'approval.grant' : 'approval.deny',
        at,
        actor: by.actor,
        session: by.session,
        plan,
        ...(by.why ? { why: by.why } : {}),
        detail: { requestedBy: record.requestedBy },
      }
      await store.commit([{ key: key(plan), value: { ...decided }, expect: entry.revision }], [log])
      return decided
    },
    async use(plan) {
      const entry = await read(plan)
      if (entry?.value.state !== 'granted' || hasExpired(entry.value, clock)) return undefined
      return { key: key(plan), value: { ...entry.value, state: 'used' }, expect: entry.revision }
    },
  }
}

const hasExpired = (record: ApprovalRecord, clock: Clock): boolean => Date.parse(record.expiresAt) <= clock.now()

/** Refuses everyone but a person; where approvers are named, everyone else and the requester too. */
export function checkApprover(actor: string, requestedBy: string, approvers: readonly string[] | undefined): void {
  if (parseAddress(actor).kind !== 'person') {
    throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} may not approve`, { hint: 'Only a person approves.' })
  }
  if (!approvers) return
  if (!approvers.includes(actor)) {
    throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} is not among the approvers`, {
      hint: `Approvers: ${approvers.join(', ')}.`,
    })
  }
  if (actor === requestedBy) {
    throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} asked for it and may not approve it`, {
      hint: 'Another approver has to.',
    })
  }
}
