// Wires the rooms of one home, once: what a lower room needs from above is passed in here. Who acts comes on top of it
// (acting.ts), so that any number of actors share what is open. What config.yaml rules is read anew each time.
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
  createLogger,
  type Home,
  homeAt,
  isFabricError,
  type Logger,
  prepareHome,
  Redactor,
  systemClock,
} from '../foundation/index.ts'
import { openBudgetLedger } from '../governor/index.ts'
import { PROVIDERS } from '../providers/index.ts'
import type { RunsParts } from '../runs/index.ts'
import { openEmbeddedStore } from '../store/index.ts'
import { openVault, parseSecretReference, type SecretSource, type Vault } from '../vault/index.ts'
import { openWitness, type Witness } from '../witness/index.ts'
import type { OpenHostOptions } from './host.ts'
import { packageRoot } from './package-root.ts'
import { redactedLogger } from './redacted-logger.ts'
import { openConfig, type Rules, rulesOf } from './rules.ts'

/** Everything that the actors of one home share. */
export interface HomeParts
  extends Omit<RunsParts, 'replan' | 'isCurrent' | 'fenceOf' | 'acting' | 'actorOf' | 'trace' | keyof Rules>,
    Rules {
  home: Home
  /** Of InfraFabric. */
  version: string
  catalogue: Catalogue
  instances: InstanceFiles
  vault: Vault
  witness: Witness
  logger: Logger
  env: Record<string, string | undefined>
  close(): Promise<void>
}

export async function composeHome(options: OpenHostOptions): Promise<HomeParts> {
  const env = options.env ?? process.env
  const clock = systemClock
  const redactor = new Redactor()
  const home = homeAt(options.home, env)
  await prepareHome(home)
  const config = await openConfig(home.config)
  const logger = options.logger
    ? redactedLogger(options.logger, redactor)
    : createLogger({
        level: options.logLevel ?? config.current.logLevel,
        clock,
        redactor,
        write: (line) => process.stderr.write(line),
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
  let rules = rulesOf(config.current, { store, clock })
  config.follow((changed) => {
    rules = rulesOf(changed, { store, clock })
  }, logger)
  return {
    version,
    home,
    get config() {
      return rules.config
    },
    get guard() {
      return rules.guard
    },
    get budgets() {
      return rules.budgets
    },
    get approvals() {
      return rules.approvals
    },
    get approvers() {
      return rules.approvers
    },
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
    ledger: openBudgetLedger({ store, clock }),
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
      config.close()
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

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || isFabricError(thrown)) return undefined
    throw thrown
  })
}
