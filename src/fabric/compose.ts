// Wires the rooms of one home: what a lower room needs from above is passed in here.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Catalogue,
  type Instance,
  type InstanceFiles,
  instanceSchema,
  type LoadedProvider,
  loadTrustedKeys,
  openCatalogue,
  openInstanceFiles,
  originsOf,
} from '../adapter/index.ts'
import { openDoor } from '../egress/index.ts'
import {
  type Config,
  createLogger,
  createTrace,
  defaultActor,
  type Home,
  homeAt,
  isFabricError,
  type Logger,
  parseAddress,
  prepareHome,
  Redactor,
  readConfig,
  systemClock,
  type Trace,
} from '../foundation/index.ts'
import { type Budget, openBudgetLedger } from '../governor/index.ts'
import { type Approvals, createGuard, openApprovals } from '../guard/index.ts'
import type { Acting } from '../pipeline/index.ts'
import { PROVIDERS } from '../providers/index.ts'
import type { RunsParts } from '../runs/index.ts'
import { openEmbeddedStore } from '../store/index.ts'
import { openVault, parseSecretReference, type SecretSource, type Vault } from '../vault/index.ts'
import { openWitness, type Witness } from '../witness/index.ts'
import { packageRoot } from './package-root.ts'
import type { OpenFabricOptions } from './port.ts'

/** Everything a fabric is made of. */
export interface Composition extends Omit<RunsParts, 'replan' | 'isCurrent'> {
  home: Home
  /** Of InfraFabric. */
  version: string
  config: Config
  catalogue: Catalogue
  instances: InstanceFiles
  vault: Vault
  witness: Witness
  logger: Logger
  approvals: Approvals
  env: Record<string, string | undefined>
  close(): Promise<void>
}

export async function compose(options: OpenFabricOptions): Promise<Composition> {
  const env = options.env ?? process.env
  const clock = systemClock
  const redactor = new Redactor()
  const home = homeAt(options.home, env)
  await prepareHome(home)
  const config = await readConfig(home.config)
  const logger = createLogger({
    level: options.logLevel ?? config.logLevel,
    clock,
    redactor,
    write: (line) => process.stderr.write(line),
  })
  const acting = actingOf(options, env, clock.now())
  const trace: Trace = createTrace({
    clock,
    collect: options.trace !== undefined && options.trace !== false,
    ...(typeof options.trace === 'string' ? { traceId: options.trace } : {}),
  })
  const root = packageRoot()
  const [trusted, own] = await Promise.all([
    loadTrustedKeys(join(root, 'trust', 'keys.yaml')),
    loadTrustedKeys(join(home.path, 'trust', 'keys.yaml'), { optional: true }),
  ])
  const catalogue = openCatalogue({
    providers: PROVIDERS,
    readManifest: (category, id) => readIfThere(join(root, 'manifests', category, `${id}.yaml`)),
    trustedKeys: [...trusted, ...own],
  })
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const witness = await openWitness({ home: home.path, logger })
  const store = await openEmbeddedStore({
    path: home.database,
    sequencer: witness.sequencer,
    writtenBy: version,
    clock,
    logger,
  })
  const vault = openVault({ keysDir: home.keys, store, env, clock, redactor })
  const door = openDoor({ redactor, clock, logger })
  const instances = openInstanceFiles(home.providers)
  const known = new Map<string, Promise<Instance>>()
  const sources = new Map<string, SecretSource>()
  const instanceOf = async (name: string): Promise<Instance> => {
    const instance = await instances.find(name)
    if (instance) return instance
    // A bare provider id is an instance without settings: enough to plan, not to apply.
    if (catalogue.ids().includes(name)) return instanceSchema.parse({ version: 1, name, provider: name })
    return instances.get(name)
  }
  const budgets: Budget[] = [
    ...config.budgets.map(({ name, limit, per }) => ({ name, limitMicroUsd: limit, per })),
    { name: 'spent', limitMicroUsd: null, per: 'month' as const },
  ]
  return {
    version,
    home,
    config,
    env,
    store,
    clock,
    redactor,
    logger,
    witness,
    vault,
    door,
    catalogue,
    instances,
    acting,
    trace,
    budgets,
    guard: createGuard(config.policy, config.budgets),
    ledger: openBudgetLedger({ store, clock }),
    approvals: openApprovals({ store, clock, approvers: config.approvers }),
    approvers: config.approvers,
    actorOf: () => acting.actor,
    leaseMs: options.leaseMs,
    // One reading of the file for all steps of a plan; a change is seen by the next call.
    instanceOf: (name) => {
      const reading = known.get(name) ?? instanceOf(name).finally(() => setImmediate(() => known.delete(name)))
      known.set(name, reading)
      return reading
    },
    providerOf: (id) => catalogue.load(id),
    secretsOf: (instance, provider) => {
      const source = sources.get(JSON.stringify(instance)) ?? secretsFor(vault, instance, provider)
      sources.set(JSON.stringify(instance), source)
      return source
    },
    async close() {
      await door.close()
      await store.close()
      await witness.close()
    },
  }
}

function secretsFor(vault: Vault, instance: Instance, provider: LoadedProvider): SecretSource {
  return vault.sourceFor({
    instance: instance.name,
    references: Object.fromEntries(
      Object.entries(instance.secrets).map(([name, text]) => [name, parseSecretReference(text)]),
    ),
    origins: originsOf(provider.definition, instance),
  })
}

/** The actor by option or the person at the terminal; the session by option, IFAB_SESSION, or one per actor and day. */
function actingOf(options: OpenFabricOptions, env: Composition['env'], nowMs: number): Acting {
  const actor = options.actor ?? defaultActor()
  const { kind, name } = parseAddress(actor)
  const session =
    options.session ??
    env.IFAB_SESSION ??
    `${kind}-${name.replaceAll('/', '-')}-${new Date(nowMs).toISOString().slice(0, 10)}`
  return { actor, session, ...(options.why ? { why: options.why } : {}) }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || isFabricError(thrown)) return undefined
    throw thrown
  })
}
