// Opens what modules of others need of a home: the library of their files, the pool in which they run, the handles that
// they hold in place of secrets. Nothing starts before a module is used.
import { join } from 'node:path'
import { loadTrustedKeys, type TrustedKey } from '../adapter/index.ts'
import { type Chassis, type LoadedModule, type ModuleLibrary, openChassis, openModules } from '../chassis/index.ts'
import type { Clock, Logger, Redactor } from '../foundation/index.ts'
import type { RateLimits, Reputations, Slo, SloTargets } from '../governor/index.ts'
import { openScopedCredentials, type ScopedCredentials } from '../vault/index.ts'
import { callOf, type ModuleEnd, promisedBy } from './module-promises.ts'
import { packageRoot } from './package-root.ts'

export interface ChassisParts {
  modules: ModuleLibrary
  chassis: Chassis
  credentials: ScopedCredentials
  /** Keys whose signatures count now: the package's and the operator's own. */
  trustedKeys: () => Promise<TrustedKey[]>
  /** What modules promise, by id, as far as they have run or were looked at. */
  promised: Map<string, SloTargets>
  /** Notes how a call of a module went. */
  noteModule: (module: LoadedModule, end: ModuleEnd) => void
}

export interface ChassisRoomOptions {
  home: string
  clock: Clock
  logger: Logger
  redactor: Redactor
  reputations: Reputations
  slo: Slo
  rateLimits: RateLimits
  /** What modules promise, by id; filled as they run. */
  promised: Map<string, SloTargets>
}

export async function openChassisRoom(options: ChassisRoomOptions): Promise<ChassisParts & { close(): Promise<void> }> {
  const { home, clock, logger, redactor, reputations, slo, rateLimits, promised } = options
  const trustedKeys = () => trustedIn(home)
  const modules = openModules({ folder: join(home, 'modules'), trustedKeys, logger })
  const chassis = await openChassis({
    clock,
    logger,
    quickJs: async () => (await import('../chassis/index.ts')).quickJsModule(),
    redact: (text) => redactor.text(text),
    rate: (name, limit, how) => rateLimits.take({ kind: 'module', name }, limit, how),
  })
  await modules.follow((change) => {
    if (change.kind === 'gone' && change.digest !== undefined) chassis.forget(change.digest)
  })
  return {
    modules,
    chassis,
    trustedKeys,
    promised,
    credentials: openScopedCredentials({ clock }),
    noteModule: (module, end) => {
      const call = callOf(end)
      promised.set(module.id, promisedBy(module))
      if (!call) return
      reputations.record('module', module.id, call)
      slo.record('module', module.id, call)
    },
    async close() {
      modules.close()
      await chassis.close()
    },
  }
}

/** The package's keys, and those of the home. */
export async function trustedIn(home: string): Promise<TrustedKey[]> {
  const own = await loadTrustedKeys(join(home, 'trust', 'keys.yaml'), { optional: true })
  return [...(await loadTrustedKeys(join(packageRoot(), 'trust', 'keys.yaml'))), ...own]
}
