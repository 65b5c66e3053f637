// What config.yaml says of policy, budgets and approvers, followed while the home is open: who tightens a rule must not
// have to think of the processes that run. A file that is wrong changes nothing, and is told of.
import { stat } from 'node:fs/promises'
import { type Clock, type Config, type Logger, readConfig, toFabricError } from '../foundation/index.ts'
import type { Budget } from '../governor/index.ts'
import { type Approvals, createGuard, type Guard, openApprovals } from '../guard/index.ts'
import type { Store } from '../store/index.ts'

export interface Rules {
  config: Config
  guard: Guard
  budgets: readonly Budget[]
  approvals: Approvals
  approvers: readonly string[] | undefined
}

export interface FollowedConfig {
  readonly current: Config
  /** Calls `changed` with each new content until it is closed. */
  follow(changed: (config: Config) => void, logger: Logger): void
  close(): void
}

const LOOK_EVERY_MS = 1_000

export async function openConfig(path: string): Promise<FollowedConfig> {
  let seen = await stampOf(path) // before the reading, so that no change falls between
  let current = await readConfig(path)
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  return {
    get current() {
      return current
    },
    follow(changed, logger) {
      const look = async (): Promise<void> => {
        const stamp = await stampOf(path)
        if (stamp === seen || isClosed) return
        seen = stamp
        try {
          current = await readConfig(path)
          changed(current)
          logger.info('config.yaml was changed and is followed')
        } catch (thrown) {
          const reason = toFabricError(thrown).message
          logger.warn('config.yaml was changed and is wrong: the home goes on with what it said before', { reason })
        }
      }
      timer = setInterval(() => void look(), LOOK_EVERY_MS).unref()
    },
    close() {
      isClosed = true
      clearInterval(timer)
    },
  }
}

export function rulesOf(config: Config, { store, clock }: { store: Store; clock: Clock }): Rules {
  const { policy, budgets, approvers } = config
  return {
    config,
    guard: createGuard(policy, budgets),
    budgets: [
      ...budgets.map(({ name, limit, per }) => ({ name, limitMicroUsd: limit, per })),
      { name: 'spent', limitMicroUsd: null, per: 'month' },
    ],
    approvals: openApprovals({ store, clock, approvers }),
    approvers,
  }
}

const stampOf = (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
    (thrown: NodeJS.ErrnoException) => thrown.code ?? '',
  )
