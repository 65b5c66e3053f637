// The invitations of a home: asked of a swarm, accepted or declined by it, expired, withdrawn. Each takes a share of the
// budgets of the stuck task out of the ledger before the swarm hears of it, and gives it back when it has ended: first
// the invitation ends, then its share is freed, and `free` makes up for who died between the two.
import { type Clock, FabricError, isFabricError, timestamp, ulid } from '../foundation/index.ts'
import { prefixOf, type Store, type Write } from '../store/index.ts'
import type { Budget } from './budget.ts'
import type { BudgetLedger } from './budgets.ts'
import { changeRecord, type Kept } from './change-record.ts'
import {
  type Answerer,
  afterNo,
  afterYes,
  type InviteRecord,
  type InviteState,
  inviteEntry,
  inviteKey,
  isEnded,
  isOverdue,
} from './invite-record.ts'
import { watchRecords } from './watched-records.ts'

export interface Invites {
  /** In the order they were made in. */
  list(filter?: { swarm?: string; task?: string; state?: InviteState }): InviteRecord[]
  /** IF_ERR_NOT_FOUND. */
  get(id: string): Promise<InviteRecord>
  /** The invited swarm or a person says yes; saying so again is no error. IF_ERR_SCOPE_MISSING, IF_ERR_CONFLICT when it has ended. */
  accept(id: string, by: Answerer): Promise<InviteRecord>
  /** Says no, also after a yes. Fails as `accept` does; refusals are witnessed. */
  decline(id: string, by: Answerer): Promise<InviteRecord>
  /** The open ones of a swarm, or of all, and every change from now on, until the signal aborts. */
  follow(options: { swarm?: string; signal: AbortSignal }): AsyncIterable<InviteRecord>
}

/** An invitation before it is made. */
export type InviteDraft = Omit<InviteRecord, 'state' | 'invitedAt' | 'reservation' | 'expiresAt'>

/** What only the escalation does with invitations. */
export interface InviteBook extends Invites {
  /** Holds the share and invites; an invitation that is there already stays as it is. IF_ERR_BUDGET_EXCEEDED. */
  invite(draft: InviteDraft, terms: { forMs: number; budgets: readonly Budget[] }): Promise<void>
  find(id: string): Promise<InviteRecord | undefined>
  /** Ends one whose time is up, or that nobody needs any more. */
  end(id: string, state: 'expired' | 'withdrawn'): Promise<void>
  /** Gives the share of one that has ended back. */
  free(id: string): Promise<void>
  forget(id: string): Promise<void>
  close(): void
}

export interface InvitesOptions {
  store: Store
  clock: Clock
  ledger: Pick<BudgetLedger, 'hold' | 'settle'>
  /** Hears of every change, whichever process made it. */
  onChange?: (invite: InviteRecord) => void
}

/** Who acts where nobody has decided. */
const GOVERNOR = 'if://service/governor'

export async function openInvites({ store, clock, ledger, onChange }: InvitesOptions): Promise<InviteBook> {
  const prefix = prefixOf('invite')
  const records = await watchRecords<InviteRecord>({
    store,
    prefix,
    onChange: ({ after }) => after && onChange?.(after),
  })
  const kept: Kept<InviteRecord> = { store, records }
  const find = async (id: string) => (await store.get<InviteRecord>(inviteKey(id)))?.value

  async function get(id: string): Promise<InviteRecord> {
    const invite = await find(id)
    if (invite) return invite
    throw new FabricError('IF_ERR_NOT_FOUND', `no invitation is called ${JSON.stringify(id)}`)
  }

  /** Puts the answer on record, and what was refused too. */
  async function answer(
    kind: 'accept' | 'decline',
    id: string,
    by: Answerer,
    after: (invite: InviteRecord, by: Answerer, nowMs: number) => InviteRecord | undefined,
  ): Promise<InviteRecord> {
    const known = await get(id)
    const said = (invite: InviteRecord, what: string) =>
      inviteEntry(what, invite, { ...by, at: timestamp(clock.now()) })
    try {
      const answered = await changeRecord(kept, inviteKey(id), (invite) => {
        const value = after(invite ?? known, by, clock.now())
        return value && { value, log: [said(value, kind)] }
      })
      if (kind === 'decline') await free(id)
      return (await find(id)) ?? answered ?? known
    } catch (thrown) {
      if (isFabricError(thrown) && thrown.code !== 'IF_ERR_STORE_UNAVAILABLE') {
        const { detail, ...entry } = said(known, 'refused')
        const { code, message } = thrown
        await store.commit([], [{ ...entry, outcome: 'refused', detail: { ...detail, asked: kind, code, message } }])
      }
      throw thrown
    }
  }

  async function free(id: string): Promise<void> {
    const entry = await store.get<InviteRecord>(inviteKey(id))
    if (!entry?.value.reservation || !isEnded(entry.value)) return
    const { reservation, ...rest } = entry.value
    const write: Write = { key: entry.key, value: rest, expect: entry.revision }
    try {
      const { revisions } = await ledger.settle({ id: reservation, actualMicroUsd: 0, writes: [write], log: [] })
      records.wrote(write, revisions[0] ?? 0)
    } catch (thrown) {
      // An ended invitation changes only by somebody who frees it too.
      if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
    }
  }

  return {
    list: ({ swarm, task, state } = {}) =>
      records
        .values()
        .filter((invite) => (swarm ?? invite.swarm) === invite.swarm)
        .filter((invite) => (task ?? invite.task) === invite.task)
        .filter((invite) => (state ?? invite.state) === invite.state)
        .sort((a, b) => (a.invitedAt === b.invitedAt ? (a.id < b.id ? -1 : 1) : a.invitedAt < b.invitedAt ? -1 : 1)),
    get,
    find,
    accept: (id, by) => answer('accept', id, by, afterYes),
    decline: (id, by) => answer('decline', id, by, afterNo),

    async *follow({ swarm, signal }) {
      const isTheirs = (invite: InviteRecord) => (swarm ?? invite.swarm) === invite.swarm
      const changes = store.watch(prefix, { signal }) // first, so that none falls between
      const told = new Map<string, number>()
      for (const { key, value, revision } of await store.range<InviteRecord>(prefix)) {
        told.set(key, revision)
        if (value.state === 'open' && isTheirs(value)) yield value
      }
      for await (const { key, value, revision } of changes) {
        if (revision <= (told.get(key) ?? 0)) continue
        told.delete(key)
        const invite = value as InviteRecord | undefined // the store holds nothing else under this prefix
        if (invite && isTheirs(invite)) yield invite
      }
    },

    async invite(draft, { forMs, budgets }) {
      const key = inviteKey(draft.id)
      if (await store.get(key)) return
      const now = clock.now()
      const times = { invitedAt: timestamp(now), expiresAt: timestamp(now + forMs) }
      const isHeld = draft.shareMicroUsd > 0
      const id = ulid()
      const value: InviteRecord = { ...draft, ...times, state: 'open', ...(isHeld ? { reservation: id } : {}) }
      const write: Write = { key, value, expect: 'absent' }
      const log = [inviteEntry('open', value, { actor: GOVERNOR, at: times.invitedAt })]
      try {
        const { revisions } = isHeld
          ? await ledger.hold({ id, owner: key, maxMicroUsd: draft.shareMicroUsd, budgets, writes: [write], log })
          : await store.commit([write], log)
        records.wrote(write, revisions[0] ?? 0)
      } catch (thrown) {
        // Another process made the same one.
        if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT' || !(await store.get(key))) throw thrown
      }
    },

    async end(id, state) {
      await changeRecord(kept, inviteKey(id), (invite) => {
        if (!invite || isEnded(invite)) return undefined
        if (state === 'expired' && !isOverdue(invite, clock.now())) return undefined
        const value: InviteRecord = { ...invite, state }
        const kind = state === 'expired' ? 'expire' : 'withdraw'
        return { value, log: [inviteEntry(kind, value, { actor: GOVERNOR, at: timestamp(clock.now()) })] }
      })
      await free(id)
    },

    free,
    forget: async (id) => {
      await changeRecord(kept, inviteKey(id), (invite) => invite && { value: undefined, log: [] })
    },
    close: () => records.close(),
  }
}
