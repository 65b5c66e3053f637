// The policies of a home, followed while it is open: a change holds within a second, without a restart. A file that is
// wrong changes nothing, and is told of; where it is wrong from the start nothing is allowed until it is put right.
import { digestOf, type FabricError, type Logger, toFabricError } from '../../foundation/index.ts'
import type { PolicyFindings, PolicyJudge } from '../guard.ts'
import type { Action } from '../verdict.ts'
import { type LoadOptions, loadPolicies, stampOf } from './load.ts'
import type { PolicySet, PolicyTrace } from './policy-set.ts'

export interface Policies extends PolicyJudge {
  /** What is wrong with the files as they are now; the last good ones hold meanwhile. */
  readonly fault: FabricError | undefined
  /** The policies that hold; undefined where there has been no good file yet, and everything is denied. */
  readonly current: PolicySet | undefined
  /** Every policy with whether it applies to the action. */
  explain(action: Action): PolicyTrace[]
  /** Looks at the files now, instead of at the next turn. */
  refresh(): Promise<void>
  close(): void
}

export interface PoliciesOptions extends Omit<LoadOptions, 'groups'> {
  logger: Logger
  /** Groups of approvers as they are configured now; asked at every loading. */
  groups?: () => readonly string[]
  /** How often the files are looked at, ms. Default 400. */
  everyMs?: number
}

/** Opens and follows policies. A wrong file is no failure of opening: it is the `fault`, and everything is denied. */
export async function openPolicies(options: PoliciesOptions): Promise<Policies> {
  const { folders, logger, groups, everyMs = 400, ...rest } = options
  let seen: string | undefined
  let current: PolicySet | undefined
  let fault: FabricError | undefined
  let looking: Promise<void> | undefined

  const load = async (): Promise<void> => {
    const held = new Set(current?.policies.map(({ file }) => file.slice(0, file.lastIndexOf('/'))))
    const required = folders.map((folder) => ({ ...folder, isRequired: folder.isRequired || held.has(folder.name) }))
    current = await loadPolicies({ ...rest, ...(groups ? { groups: groups() } : {}), folders: required })
  }
  const look = async (): Promise<void> => {
    const stamp = `${await stampOf(folders)}\n${groups?.().join() ?? ''}` // before the reading, so that no change falls between
    if (stamp === seen) return
    const isFirst = seen === undefined
    seen = stamp
    try {
      await load()
      fault = undefined
      if (!isFirst) logger.info('the policies were changed and are followed')
    } catch (thrown) {
      const before = fault?.message
      fault = toFabricError(thrown)
      if (!fault.details.faults) seen = '' // not what the files say, so it may be better at the next turn
      const meanwhile = current ? 'those of before hold' : 'everything is denied'
      if (fault.message !== before) logger.error(`a policy is wrong: ${meanwhile}`, { reason: fault.message })
    }
  }
  const refresh = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  await refresh()
  const timer = setInterval(() => void refresh(), everyMs).unref()
  return {
    get fault() {
      return fault
    },
    get current() {
      return current
    },
    get digest() {
      return current?.digest ?? digestOf({ fault: fault?.message ?? '' })
    },
    async findings(action) {
      return current ? current.findings(action) : allDenied(fault, action.step)
    },
    explain: (action) => current?.explain(action) ?? [],
    refresh,
    close: () => clearInterval(timer),
  }
}

const allDenied = (fault: FabricError | undefined, step: string): PolicyFindings => ({
  forbids: [
    {
      rule: 'policy/broken',
      decision: 'deny',
      text: `nothing is allowed while a policy is wrong: ${fault?.message ?? 'it was not read yet'}`,
      step,
    },
  ],
  permits: [],
})
