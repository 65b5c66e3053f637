// Approvals: the yes of one or several persons to exactly one plan and its undo, used once, until the plan expires. One
// no ends it. Whatever is tried with an approval and refused is written into the log.
import { type Clock, FabricError, isFabricError, optional, shortId, timestamp } from '../foundation/index.ts'
import { forgetUnmoved, keyOf, prefixOf, retryConflict, type Store, type Write } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import { type ApproverRolls, checkMayDecide, checkNeeds, needsText } from './approvals-needs.ts'
import {
  type ApprovalActor,
  type ApprovalRecord,
  checkOpen,
  hasExpired,
  needsIn,
  whyUnusable,
  withNo,
  withYes,
} from './approvals-record.ts'
import { type WaitOptions, waitForApproval } from './approvals-wait.ts'

/** What is asked for: which plan, by whom, until when, and whose yes it takes. */
export type ApprovalRequest = Pick<ApprovalRecord, 'plan' | 'requestedBy' | 'expiresAt' | 'summary' | 'needs'>

export interface Approvals {
  list(): Promise<ApprovalRecord[]>
  get(plan: string): Promise<ApprovalRecord | undefined>
  /**
   * Notes that a plan waits; a second request for the same plan changes nothing while the first one stands.
   * IF_ERR_APPROVAL_FORBIDDEN where nobody could grant it: an unknown group, or too few people in one.
   */
  request(request: ApprovalRequest): Promise<ApprovalRecord>
  /** Refuses who may not decide on a plan with these needs, before anything is asked. */
  check(actor: string, request: Pick<ApprovalRequest, 'requestedBy' | 'needs'>): void
  /**
   * A person's decision. With a yes that is not the last one needed the record stays `waiting`.
   * IF_ERR_APPROVAL_FORBIDDEN for who may not, IF_ERR_CONFLICT when it was decided before or by the same person,
   * IF_ERR_PLAN_EXPIRED, IF_ERR_NOT_FOUND. Each of them is witnessed.
   */
  decide(plan: string, decision: 'granted' | 'denied', by: ApprovalActor): Promise<ApprovalRecord>
  /**
   * The write that uses a granted approval up; it goes into the commit that starts the run. Undefined where there is
   * none to use; with `by`, the attempt to use one that was used before or has expired is witnessed.
   */
  use(plan: string, by?: ApprovalActor): Promise<Write | undefined>
  /**
   * Until it is granted. IF_ERR_APPROVAL_DENIED, IF_ERR_PLAN_EXPIRED, IF_ERR_NOT_FOUND; IF_ERR_APPROVAL_REQUIRED when
   * the time is up; the signal's reason when it aborts.
   */
  wait(plan: string, options?: WaitOptions): Promise<ApprovalRecord>
  /** Writes an attempt into the log that was refused before it came here, such as a reference to no plan. */
  refused(reference: string, by: ApprovalActor, error: FabricError): Promise<void>
  /** Forgets those that expired before a moment; tells how many. What was decided stays in the log. */
  sweep(expiredBeforeMs: number): Promise<number>
}

export interface ApprovalsOptions {
  store: Store
  clock: Clock
  /** Undefined: every person may approve. */
  approvers: readonly string[] | undefined
  /** Groups that rules may name. Default none. */
  groups?: Readonly<Record<string, readonly string[]>>
  /** Hears of each new request, once, after it is on record; must not throw. */
  onRequest?: (record: ApprovalRecord) => void
}

const key = (plan: string): string => keyOf('approval', plan)

export function openApprovals({ store, clock, approvers, groups = {}, onRequest }: ApprovalsOptions): Approvals {
  const rolls: ApproverRolls = { approvers, groups }
  const read = (plan: string) => store.get<ApprovalRecord>(key(plan))

  async function noteRefusal(reference: string, by: ApprovalActor, { code, message }: FabricError): Promise<void> {
    const isDigest = /^[0-9a-f]{64}$/.test(reference)
    const entry: WitnessEntry = {
      ...entryOf(by, 'approval.refused', timestamp(clock.now())),
      ...(isDigest ? { plan: reference } : {}),
      outcome: 'refused',
      detail: { code, message, ...(isDigest ? {} : { reference: reference.slice(0, 200) }) },
    }
    await store.commit([], [entry])
  }

  async function decideOnce(plan: string, decision: 'granted' | 'denied', by: ApprovalActor): Promise<ApprovalRecord> {
    const entry = await read(plan)
    if (!entry) throw new FabricError('IF_ERR_NOT_FOUND', `no approval is asked for plan ${shortId(plan)}`)
    const at = timestamp(clock.now())
    const { value: record } = entry
    checkOpen(record, by.actor, rolls, clock)
    const decided = decision === 'denied' ? withNo(record, by, at) : withYes(record, by, at, rolls)
    const log: WitnessEntry = {
      ...entryOf(by, decision === 'granted' ? 'approval.grant' : 'approval.deny', at),
      plan,
      detail: { requestedBy: record.requestedBy, state: decided.state, needs: needsText(needsIn(record)) },
    }
    await store.commit([{ key: key(plan), value: decided, expect: entry.revision }], [log])
    return decided
  }

  return {
    list: async () => (await store.range<ApprovalRecord>(prefixOf('approval'))).map((entry) => entry.value),
    get: async (plan) => (await read(plan))?.value,
    check: (actor, request) =>
      checkMayDecide(actor, { requestedBy: request.requestedBy, needs: needsIn(request) }, rolls),
    request: (request) =>
      retryConflict(async () => {
        const existing = await read(request.plan)
        // The same plan made again is a new question once the old one was used up or has expired.
        if (existing && existing.value.state !== 'used' && !hasExpired(existing.value, clock)) return existing.value
        checkNeeds(needsIn(request), request.requestedBy, rolls)
        const waiting: ApprovalRecord = { ...request, state: 'waiting', requestedAt: timestamp(clock.now()) }
        await store.commit([{ key: key(request.plan), value: waiting, expect: existing?.revision ?? 'absent' }])
        onRequest?.(waiting)
        return waiting
      }),
    async decide(plan, decision, by) {
      try {
        return await retryConflict(() => decideOnce(plan, decision, by))
      } catch (thrown) {
        if (isFabricError(thrown) && thrown.code !== 'IF_ERR_STORE_UNAVAILABLE') await noteRefusal(plan, by, thrown)
        throw thrown
      }
    },
    async use(plan, by) {
      const entry = await read(plan)
      const error = entry && whyUnusable(entry.value, clock)
      if (error && by) await noteRefusal(plan, by, error)
      if (error || entry?.value.state !== 'granted') return undefined
      return { key: key(plan), value: { ...entry.value, state: 'used' }, expect: entry.revision }
    },
    wait: (plan, options = {}) => waitForApproval({ store, clock }, { plan, key: key(plan) }, options),
    refused: noteRefusal,
    async sweep(expiredBeforeMs) {
      let forgotten = 0
      for (const entry of await store.range<ApprovalRecord>(prefixOf('approval'))) {
        if (Date.parse(entry.value.expiresAt) < expiredBeforeMs && (await forgetUnmoved(store, entry))) forgotten++
      }
      return forgotten
    },
  }
}

const entryOf = ({ actor, session, why }: ApprovalActor, kind: string, at: string): WitnessEntry => ({
  kind,
  at,
  actor,
  session,
  ...optional('why', why || undefined),
})
