// What the guard was asked and answered, kept for thirty days, so that other policies can be tried on it. Kept are the
// facts that policies see, redacted, and never an action's input. A record of the same step replaces the one before.
import { type Clock, type JsonObject, type Redactor, timestamp } from '../foundation/index.ts'
import { keyOf, prefixOf, type Store, type Write } from '../store/index.ts'
import type { Action, Decision, Verdict } from './verdict.ts'

/** A run's step; without a run a call; for a plan that was never applied its digest in place of the run. */
export interface JudgedWhere {
  run: string | undefined
  step: string
}

export type JudgedRecord = {
  at: string
  /** The facts of the action, as `actionOf` reads them. */
  action: JsonObject
  decision: Decision
  /** Names of the rules that decided. */
  rules: string[]
  /** Digest of the rules and policies of that time. */
  policy: string
}

export interface Judged {
  /** The write that keeps it: blind, so that it goes into any commit at any place. */
  write(where: JudgedWhere, action: Action, verdict: Verdict, policy: string): Write
  get(where: JudgedWhere): Promise<JudgedRecord | undefined>
  /** All that is kept of a run, or of a plan. */
  list(run: string): Promise<JudgedRecord[]>
  /** Forgets what is older than thirty days, and the oldest beyond a number (default 50,000); tells how many. */
  sweep(keep?: number): Promise<number>
}

const KEPT_MS = 30 * 24 * 60 * 60 * 1000
/** The store holds its values in memory: so many take some 50 MB. */
const MOST_KEPT = 50_000
const DELETIONS_A_COMMIT = 500

const keyFor = ({ run, step }: JudgedWhere): string => keyOf('judged', run ?? 'call', step)

export function openJudged({ store, clock, redactor }: { store: Store; clock: Clock; redactor: Redactor }): Judged {
  return {
    write(where, action, { decision, reasons }, policy) {
      const { input: _input, ...facts } = action
      const value: JudgedRecord = {
        at: timestamp(clock.now()),
        action: redactor.value(facts) as JsonObject, // a copy of plain data; undefined members are not written
        decision,
        rules: reasons.map(({ rule }) => rule),
        policy,
      }
      return { key: keyFor(where), value, expect: 'any' }
    },
    get: async (where) => (await store.get<JudgedRecord>(keyFor(where)))?.value,
    list: async (run) => (await store.range<JudgedRecord>(prefixOf('judged', run))).map(({ value }) => value),
    async sweep(keep = MOST_KEPT) {
      const since = timestamp(clock.now() - KEPT_MS)
      const ages = (await store.range<JudgedRecord>(prefixOf('judged'))).map(({ key, value }) => ({
        key,
        at: value.at,
      }))
      ages.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
      const old = ages.filter(({ at }, place) => place >= keep || at < since)
      for (let from = 0; from < old.length; from += DELETIONS_A_COMMIT) {
        const keys = old.slice(from, from + DELETIONS_A_COMMIT)
        await store.commit(keys.map(({ key }) => ({ key, value: undefined, expect: 'any' })))
      }
      return old.length
    },
  }
}

/** The action again, without its input. */
export const actionOf = ({ action }: JudgedRecord): Action =>
  ({ moves: undefined, why: undefined, ...action, input: {} }) as unknown as Action // written by `write` above
