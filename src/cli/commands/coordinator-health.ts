// ifab coordinator health: whether work gets done; exit 1 where something is wrong, with the command that helps.
import type { CoordinatorPort, CoordinatorStats } from '../../coordinator/index.ts'
import type { DoctorCheck, Fabric } from '../../fabric/index.ts'
import { type FabricError, toFabricError } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { checksTable } from '../output/checks-text.ts'
import { counted, spanText } from '../output/phrases.ts'
import { wayText } from '../output/way-text.ts'

const OLDEST_MS = 5 * 60_000

export const coordinatorHealthCommand: CommandHandler = async (invocation) => {
  const { flags, console } = invocation
  const oldestMs = flags.duration('oldest') ?? OLDEST_MS
  const opened = await invocation.fabric().catch((thrown: unknown) => toFabricError(thrown))
  const checks = opened instanceof Error ? [unreachable(opened)] : await checksOf(opened, oldestMs)
  const ok = checks.every((check) => check.ok)
  console.result({ ok, checks }, checksTable(checks, console.out))
  if (ok) console.note('Next: ifab coordinator status')
  return ok ? 0 : 1
}

const unreachable = (error: FabricError): DoctorCheck => {
  const next = error.next ?? error.hint
  return { name: 'daemon', ok: false, text: error.message, ...(next ? { next } : {}) }
}

async function checksOf(fabric: Fabric, oldestMs: number): Promise<DoctorCheck[]> {
  const coordinator = await fabric.coordinator()
  const stats = await coordinator.stats()
  return [
    daemonCheck(fabric),
    await storeCheck(coordinator),
    oldestCheck(stats, oldestMs),
    countCheck('blocked', stats.tasks.blocked, 'waits for somebody'),
    countCheck('dead', stats.tasks.dead, 'has used up its attempts or its time'),
  ]
}

/** None is no fault: a process that works in the home itself watches its leases. */
const daemonCheck = ({ way }: Fabric): DoctorCheck =>
  way.kind === 'daemon'
    ? { name: 'daemon', ok: true, text: `answers: ${wayText(way)}` }
    : {
        name: 'daemon',
        ok: true,
        text: 'none answers, so this command opened the home itself; leases end only while some process has it open',
        next: 'ifab up',
      }

async function storeCheck(coordinator: CoordinatorPort): Promise<DoctorCheck> {
  try {
    const { commitMs } = await coordinator.probe()
    return { name: 'store', ok: true, text: `took a commit in ${commitMs.toFixed(1)} ms` }
  } catch (thrown) {
    const error = toFabricError(thrown)
    const next = error.next ?? error.hint
    return { name: 'store', ok: false, text: error.message, ...(next ? { next } : {}) }
  }
}

function oldestCheck({ ready, oldestReadyMs }: CoordinatorStats, limitMs: number): DoctorCheck {
  if (oldestReadyMs === null) return { name: 'oldest', ok: true, text: 'no task waits for a worker' }
  const ok = oldestReadyMs <= limitMs
  const text = `${counted(ready, 'task')} ready, the oldest for ${spanText(oldestReadyMs)}${ok ? '' : `, more than ${spanText(limitMs)}: no worker takes it`}`
  return { name: 'oldest', ok, text, ...(ok ? {} : { next: 'ifab task list --state open' }) }
}

const countCheck = (state: 'blocked' | 'dead', count: number, what: string): DoctorCheck => ({
  name: state,
  ok: count === 0,
  text: count === 0 ? 'none' : `${counted(count, 'task')}: each ${what}`,
  ...(count === 0 ? {} : { next: `ifab task list --state ${state}` }),
})
