// Opens a home once and gives each actor a fabric on it. What is open belongs to the host: closing a fabric of one actor
// ends only what that one watches and serves.
import { type Coordinator, type DrainOptions, openCoordinator } from '../coordinator/index.ts'
import { FabricError, toFabricError } from '../foundation/index.ts'
import type { Escalations } from '../governor/index.ts'
import { sweepDaily } from '../runs/index.ts'
import { prefixOf } from '../store/index.ts'
import { actAs } from './acting.ts'
import { openAnnouncer } from './announce.ts'
import { composeHome, type HomeParts } from './compose.ts'
import { GOVERNOR, notifyOf, openEscalationsOf } from './escalations.ts'
import { fabricOf } from './face.ts'
import { openHookReceiver } from './hook-receiver.ts'
import { sweepHooks } from './hook-records.ts'
import type { FabricHost, OpenHostOptions } from './host.ts'
import type { Fabric } from './port.ts'
import { authenticate, sweepTokens, watchRevocations } from './tokens.ts'

const SWEEP_LOOK_MS = 3_600_000
const DAY_MS = 86_400_000

/** Opens a home: makes it where there is none. Close it to free everything. */
export async function openHost(options: OpenHostOptions = {}): Promise<FabricHost> {
  const parts = await composeHome(options)
  const { store, clock, logger } = parts
  const fabrics = new Set<Fabric>()
  let coordinator: Promise<Coordinator> | undefined
  let closing: Promise<void> | undefined

  const openedCoordinator = (): Promise<Coordinator> => {
    if (closing) return Promise.reject(closedError(parts))
    coordinator ??= openCoordinator({ store, clock, logger, ...coordinatorOptions(parts) }).catch((thrown: unknown) => {
      coordinator = undefined // the next call tries again
      throw thrown
    })
    return coordinator
  }

  let escalations: Promise<Escalations> | undefined
  const openedEscalations = (): Promise<Escalations> => {
    if (closing) return Promise.reject(closedError(parts))
    escalations ??= openEscalationsOf(parts, { coordinator: openedCoordinator, asGovernor }).catch(
      (thrown: unknown) => {
        escalations = undefined // the next call tries again
        throw thrown
      },
    )
    return escalations
  }
  let governor: Fabric | undefined
  const asGovernor = (): Fabric => {
    governor ??= host.as({ actor: GOVERNOR, session: 'governor' })
    return governor
  }

  const announcer = openAnnouncer(parts, notifyOf(parts, asGovernor))
  parts.requests.heard = (record) => announcer.tell(record)
  parts.burns.heard = (news) => announcer.burn(news)

  await sweep(parts, openedEscalations)
  // One that stays open sweeps as well, once a day.
  const sweeping = setInterval(() => void sweep(parts, openedEscalations), SWEEP_LOOK_MS).unref()

  const shutDown = async (drain: DrainOptions | undefined): Promise<void> => {
    clearInterval(sweeping)
    try {
      await announcer.end()
      await (await escalations?.catch(() => undefined))?.close()
      const opened = await coordinator?.catch(() => undefined) // one that never opened has nothing to end
      await opened?.close(drain)
      await Promise.all([...fabrics].map((fabric) => fabric.close()))
    } finally {
      await parts.close()
    }
  }

  const host: FabricHost = {
    home: parts.home.path,
    version: parts.version,
    logger,
    as(acting) {
      if (closing) throw closedError(parts)
      const fabric = fabricOf(actAs(parts, acting), {
        coordinator: openedCoordinator,
        escalations: openedEscalations,
        end: async () => void fabrics.delete(fabric),
      })
      fabrics.add(fabric)
      return fabric
    },
    authenticate: (token) => authenticate(parts, token),
    refusedDecision: (reference, by, error) => parts.approvals.refused(reference, by, error),
    revocations: ({ signal }) => watchRevocations(store, signal),
    coordinator: openedCoordinator,
    escalate: async () => (await openedEscalations()).start(),
    receiveHooks({ publicUrl, localUrl }) {
      Object.assign(parts.hookDoor, { publicUrl, localUrl })
      return openHookReceiver(parts)
    },
    close(drain) {
      closing ??= shutDown(drain)
      return closing
    },
  }
  return host
}

async function sweep(parts: HomeParts, escalations: () => Promise<Escalations>): Promise<void> {
  const { store, clock, ledger, config, logger } = parts
  const keptSince = clock.now() - config.keepDays * DAY_MS
  try {
    if (!(await sweepDaily({ store, clock, ledger, keepDays: config.keepDays }))) return
    await sweepTokens(parts)
    await parts.approvals.sweep(keptSince)
    await parts.sequences.sweep(keptSince)
    await sweepHooks(parts, clock.now() - config.hooks.keepFor)
    await parts.judged.sweep()
    await parts.loops.sweep()
    await parts.rateLimits.sweep()
    await parts.slo.sweep()
    // They know of the tasks, so they are opened only where there are some.
    const [first] = await store.range(prefixOf('escalation'), { limit: 1 })
    if (first) await (await escalations()).sweep(keptSince)
  } catch (thrown) {
    // A home that can't be written can still be read.
    logger.warn('the daily sweep was left for later', { reason: toFabricError(thrown).message })
  }
}

function coordinatorOptions({ config, leaseMs }: HomeParts) {
  const { lease, claimWait, pushWait, keepEndedFor, ...counts } = config.coordinator
  return {
    ...counts,
    leaseMs: leaseMs ?? lease,
    claimWaitMs: claimWait,
    pushWaitMs: pushWait,
    keepEndedMs: keepEndedFor,
  }
}

const closedError = ({ home }: HomeParts): FabricError =>
  new FabricError('IF_ERR_STORE_UNAVAILABLE', `the fabric of ${home.path} is closed`)
