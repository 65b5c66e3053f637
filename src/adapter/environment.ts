// The environment that an instance is tagged with: `env: sandbox` and `env: production` decide which address it reaches and
// which keys it takes; every other value is a free label. A twin stands in for either, so none of it holds for one.
import { FabricError } from '../foundation/index.ts'
import type { SecretSource } from '../vault/index.ts'
import type { ProviderDefinition } from './definition.ts'
import type { Instance } from './instance.ts'

export const ENVIRONMENTS = ['sandbox', 'production'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

/** The environment that the instance's `env` tag names; undefined for a free label, for none, and for a twin. */
export function environmentOf({ tags, twin }: Pick<Instance, 'tags' | 'twin'>): Environment | undefined {
  if (twin !== undefined) return undefined
  return ENVIRONMENTS.find((environment) => environment === tags.env)
}

/** The base address of this name as the instance's environment has it; undefined where the definition knows no such name. */
export function baseUrlOf(definition: ProviderDefinition, instance: Instance, name: string): string | undefined {
  const baseUrl = definition.baseUrls[name]
  if (baseUrl === undefined || environmentOf(instance) !== 'sandbox') return baseUrl
  return definition.sandbox?.baseUrls?.[name] ?? baseUrl
}

/** Every address that a base may stand for, the one outside of sandboxes first; IF_ERR_INTERNAL for an unknown name. */
export function baseUrlsOf({ id, baseUrls, sandbox }: ProviderDefinition, name: string): string[] {
  const [main, other] = [baseUrls[name], sandbox?.baseUrls?.[name]]
  if (main === undefined) throw new FabricError('IF_ERR_INTERNAL', `${id} has no base address "${name}"`)
  return other === undefined || other === main ? [main] : [main, other]
}

/** Whether keys of one environment can be told from those of the other. */
export const tellsKeysApart = ({ sandbox, production }: ProviderDefinition, name: string): boolean =>
  (sandbox?.secrets?.[name] ?? production?.secrets?.[name]) !== undefined

/** Refuses a key of the other environment (IF_ERR_WRONG_ENVIRONMENT); the key itself is never told. */
export function checkEnvironment(
  definition: ProviderDefinition,
  instance: Instance,
  name: string,
  value: string,
): void {
  const environment = environmentOf(instance)
  if (environment === undefined) return
  const other = environment === 'sandbox' ? 'production' : 'sandbox'
  const own = definition[environment]?.secrets?.[name]
  const isOther = definition[other]?.secrets?.[name]?.test(value) === true
  if (own ? own.test(value) : !isOther) return
  throw new FabricError(
    'IF_ERR_WRONG_ENVIRONMENT',
    `${instance.name} is tagged env=${environment}, but its ${name} is ${isOther ? `a ${other} key` : `no ${environment} key`}`,
    {
      hint: `Give it a ${environment} key (${definition.secrets[name]?.get ?? definition.docs}), or add an instance of its own with --tag env=${other}. Nothing was sent.`,
      details: { instance: instance.name, secret: name, environment },
    },
  )
}

/** The instance's secrets, each checked when it is opened: a reference may come to hold another key at any time. */
export function checkedSecrets(
  definition: ProviderDefinition,
  instance: Instance,
  secrets: SecretSource,
): SecretSource {
  if (environmentOf(instance) === undefined) return secrets
  return {
    async open(name, origin, destination) {
      const secret = await secrets.open(name, origin, destination)
      checkEnvironment(definition, instance, name, secret.reveal())
      return secret
    },
    renew: async (name, refused, origin, destination) =>
      (await secrets.renew?.(name, refused, origin, destination)) ?? false,
  }
}
