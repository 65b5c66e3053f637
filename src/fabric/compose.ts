import { join } from 'node:path'
import {
  checkedSecrets,
  type Instance,
  type InstanceFiles,
  instanceSchema,
  type LoadedProvider,
  openInstanceFiles,
  openTokens,
  originsOf,
  type Tokens,
} from '../adapter/index.ts'
import { openDoor } from '../egress/index.ts'
import {
  type Config,
  createLogger,
  type Home,
  homeAt,
  type Logger,
  prepareHome,
  Redactor,
  systemClock,
  systemRandom,
} from '../foundation/index.ts'
import type { SloSubject, SloTargets } from '../governor/index.ts'
import type { ApprovalRecord } from '../guard/index.ts'
import type { PlannerParts, RunsParts } from '../runs/index.ts'
import { openEmbeddedStore } from '../store/index.ts'
import { openVault, parseSecretReference, type SecretSource, type Vault } from '../vault/index.ts'
import { openWitness, type Witness } from '../witness/index.ts'
import { openPackageCatalogue, packageVersion } from './catalogue.ts'
import { type ChassisParts, openChassisRoom } from './compose-chassis.ts'
import { type GovernorParts, openGovernor, swarmBudget } from './compose-governor.ts'
import { type GuardParts, openGuard } from './compose-guard.ts'
import { type HomeCatalogue, openHomeCatalogue } from './home-catalogue.ts'
import type { OpenHostOptions } from './host.ts'
import { type OpenProject, openProject } from './project.ts'
import { redactedLogger } from './redacted-logger.ts'
import { openConfig, type Rules, rulesOf } from './rules.ts'

/** Everything that the actors of one home share. */
export interface HomeParts
  extends Omit<RunsParts, 'replan' | 'isCurrent' | 'fenceOf' | 'acting' | 'actorOf' | 'trace' | keyof Rules>,
    Rules,
    GovernorParts,
    GuardParts,
    ChassisParts {
  home: Home
  /** Of InfraFabric. */
  version: string
  catalogue: HomeCatalogue
  /** Who hears of plans that begin to wait for an approval; set by who can tell people. */
  requests: { heard: (record: ApprovalRecord) => void }
  /** Where vendors reach the home, while a daemon serves it. */
  hookDoor: { publicUrl: string | undefined; localUrl: string | undefined }
  instances: InstanceFiles
  vault: Vault
  /** Access tokens of the instances. */
  tokens: Tokens
  witness: Witness
  instancesList: PlannerParts['instancesList']
  logger: Logger
  env: Record<string, string | undefined>
  /** That it was opened in. */
  project: OpenProject | undefined
  close(): Promise<void>
}

export async function composeHome(options: OpenHostOptions): Promise<HomeParts> {
  const env = options.env ?? process.env
  const clock = systemClock
  const redactor = new Redactor()
  const home = homeAt(options.home, env)
  const project = await openProject({ project: options.project, env })
  await prepareHome(home)
  const files = openInstanceFiles(home.providers)
  const instances = project?.guarded(files) ?? files
  // What contradicts the home opens nothing.
  await Promise.all((project?.view.instances ?? []).map(({ name }) => instances.find(name)))
  const config = await openConfig(home.config)
  const effective = (said: Config): Config => project?.withBudgets(said) ?? said
  const firstConfig = effective(config.current)
  const logger = options.logger
    ? redactedLogger(options.logger, redactor)
    : createLogger({
        level: options.logLevel ?? config.current.logLevel,
        clock,
        redactor,
        write: (line) => process.stderr.write(line),
      })
  const version = await packageVersion()
  const witness = await openWitness({ home: home.path, logger })
  const store = await openEmbeddedStore({
    path: home.database,
    sequencer: witness.sequencer,
    writtenBy: version,
    clock,
    logger,
  })
  const vault = openVault({ keysDir: home.keys, store, env, clock, redactor })
  let settings = firstConfig
  const promised = new Map<string, SloTargets>()
  const targetsOf = ({ kind, name }: SloSubject) => (kind === 'module' ? promised.get(name) : undefined)
  const of = { home: home.path, store, clock, logger, config: () => settings, targetsOf }
  const { close: closeGovernor, ...governor } = await openGovernor(of)
  const { close: closeChassis, ...chassis } = await openChassisRoom({ ...of, redactor, promised, ...governor })
  const shipped = await openPackageCatalogue(join(home.path, 'trust', 'keys.yaml'))
  const catalogue = openHomeCatalogue({ shipped, ...chassis })
  const guarding = await openGuard({ ...of, redactor, ledger: governor.ledger, project: project?.policies })
  const requests = { heard: (_record: ApprovalRecord): void => undefined }
  const onRequest = (record: ApprovalRecord): void => requests.heard(record)
  const ofSwarm = (swarm: string) => swarmBudget(governor.registry.get(swarm))
  const ruled = { store, clock, policies: guarding.policies, onRequest, ofSwarm }
  let rules = rulesOf(settings, ruled)
  const door = openDoor({ redactor, clock, logger, gate: governor.freezes })
  const tokens = openTokens({ store, vault, door, clock, random: systemRandom, redactor, logger })
  const known = new Map<string, Promise<Instance>>()
  const sources = new Map<string, SecretSource>()
  const instanceOf = async (name: string): Promise<Instance> => {
    const instance = await instances.find(name)
    if (instance) return instance
    const planned = await project?.planned(name, catalogue)
    if (planned) return planned
    // A bare provider id is an instance without settings: enough to plan, not to apply.
    if (await catalogue.has(name)) return instanceSchema.parse({ version: 1, name, provider: name })
    return instances.get(name)
  }
  config.follow(logger, (changed) => {
    settings = effective(changed)
    rules = rulesOf(settings, ruled)
  })
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
    project,
    store,
    clock,
    redactor,
    logger,
    witness,
    vault,
    tokens,
    door,
    catalogue,
    instances,
    ...governor,
    ...guarding,
    ...chassis,
    requests,
    hookDoor: { publicUrl: undefined, localUrl: undefined },
    instancesList: () => instances.list(),
    leaseMs: options.leaseMs,
    // One reading of the file for all steps of a plan; a change is seen by the next call.
    instanceOf: (name) => {
      const reading = known.get(name) ?? instanceOf(name).finally(() => setImmediate(() => known.delete(name)))
      known.set(name, reading)
      return reading
    },
    providerOf: (id) => catalogue.load(id),
    secretsOf: (instance, provider) => {
      const missing = project?.missingSecrets(instance)
      if (missing) return missing
      const key = JSON.stringify(instance)
      const source =
        sources.get(key) ?? tokens.source({ provider, instance, secrets: secretsFor(vault, instance, provider) })
      sources.set(key, source)
      return source
    },
    async close() {
      config.close()
      guarding.policies.close()
      await closeChassis()
      await door.close()
      await closeGovernor()
      await store.close()
      await witness.close()
    },
  }
}

function secretsFor(vault: Vault, instance: Instance, provider: LoadedProvider): SecretSource {
  const source = vault.sourceFor({
    instance: instance.name,
    references: Object.fromEntries(
      Object.entries(instance.secrets).map(([name, text]) => [name, parseSecretReference(text)]),
    ),
    origins: originsOf(provider.definition, instance),
  })
  return checkedSecrets(provider.definition, instance, source)
}
