// Adding, testing and removing instances. Nothing is left half done: secrets are stored before the file that names them,
// and taken away again when it can't be written.
import type { z } from 'zod'
import {
  checkEnvironment,
  type Instance,
  instanceSchema,
  type LoadedProvider,
  originsOf,
  tellsKeysApart,
} from '../adapter/index.ts'
import {
  checkName,
  describeIssue,
  FabricError,
  formatPath,
  isFabricError,
  Secret,
  suggestion,
  timestamp,
} from '../foundation/index.ts'
import { callOnce } from '../runs/index.ts'
import { coversOrigin, type SecretSource } from '../vault/index.ts'
import type { Composition } from './acting.ts'
import { layered } from './layered.ts'
import type { AddInstance, HealthReport, SecretInput } from './port.ts'
import { servedTwin } from './twins.ts'

export async function addInstance(parts: Composition, options: AddInstance): Promise<Instance> {
  const provider = await parts.catalogue.load(options.provider)
  const { definition } = provider
  const name = checkName('instance', options.name ?? options.provider.replace('@', '-'))
  const twin = options.twin === undefined ? undefined : await twinOf(parts, definition.id, options.twin)
  checkSettings(provider, options.settings ?? {}, twin !== undefined)
  const secrets = { ...twin?.secrets, ...options.secrets }
  for (const [key, secret] of Object.entries(secrets)) checkSecret(provider, key, secret, twin !== undefined)
  const missing = Object.entries(definition.secrets).filter(
    ([key, spec]) => (spec.required ?? true) && !(key in secrets),
  )
  const [first] = missing
  if (first) {
    throw new FabricError('IF_ERR_SECRET_MISSING', `${name} needs ${missing.map(([key]) => key).join(', ')}`, {
      hint: `${first[1].label}: ${first[1].get}. Hand it over as --secret ${first[0]}=env:VARIABLE, =file:PATH or =- (standard input).`,
      details: { missing: missing.map(([key]) => key) },
    })
  }
  const parsed = instanceSchema.safeParse({
    version: 1,
    name,
    provider: options.provider,
    tags: options.tags ?? {},
    settings: options.settings ?? {},
    secrets: Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, referenceOf(secret)])),
    privateNetwork: options.privateNetwork ?? false,
    ...(twin ? { twin: twin.url } : {}),
  })
  if (!parsed.success) throw wrongInstance(name, parsed.error.issues[0])
  const instance = parsed.data
  for (const [key, secret] of Object.entries(secrets)) await checkKey(parts, provider, instance, key, secret)
  let stored = false
  try {
    await parts.instances.create(instance, async () => {
      stored = true
      for (const [key, secret] of Object.entries(secrets)) await storeSecret(parts, provider, instance, key, secret)
    })
  } catch (thrown) {
    if (stored) await parts.vault.remove(name)
    throw thrown
  }
  await witness(parts, 'instance.add', instance)
  return instance
}

const wrongInstance = (name: string, issue: z.core.$ZodIssue | undefined): FabricError =>
  new FabricError(
    'IF_ERR_INVALID_INPUT',
    `${name} can't be added: ${formatPath(issue?.path ?? [])}: ${issue ? describeIssue(issue) : 'wrong'}`,
  )

export async function removeInstance(parts: Composition, name: string): Promise<void> {
  const instance = await parts.instances.get(name)
  await parts.instances.remove(name)
  // How its tokens stand goes first: what is being renewed then finds nothing to be kept beside.
  await parts.tokens.forget(name)
  await parts.vault.remove(name)
  await witness(parts, 'instance.remove', instance)
}

export async function testInstance(parts: Composition, name: string, signal?: AbortSignal): Promise<HealthReport> {
  const instance = await parts.instanceOf(name)
  const { definition } = await parts.providerOf(instance.provider)
  const { operation, input, tell } = definition.health
  const started = parts.clock.monotonic()
  const { result } = await callOnce(
    parts,
    { instance: name, operation, input },
    { acting: parts.acting, trace: parts.trace, unmarked: true, ...(signal ? { signal } : {}) },
  )
  return {
    instance: name,
    ok: true,
    durationMs: Math.round(parts.clock.monotonic() - started),
    told: await tell(result ?? {}),
  }
}

/** The health read with a new value, before anything is stored; the value in use stays. */
export async function testSecret(
  parts: Composition,
  { name, key, secret }: { name: string; key: string; secret: SecretInput },
  signal?: AbortSignal,
): Promise<HealthReport> {
  const instance = await parts.instances.get(name)
  const provider = await parts.providerOf(instance.provider)
  checkSecret(provider, key, secret, instance.twin !== undefined)
  await checkKey(parts, provider, instance, key, secret)
  const secrets = candidateSource(parts, provider, { instance, key, secret })
  const owner = { provider, instance, secrets }
  const missing = await parts.tokens.missingConsent(owner)
  if (missing) return { instance: name, ok: true, durationMs: 0, told: `not tried: ${missing.message}` }
  const source = parts.tokens.source(owner, { trial: true })
  return testInstance(layered(parts, { secretsOf: () => source }), name, signal)
}

/** The instance's secrets with one of them replaced, for the same origins. */
function candidateSource(
  parts: Composition,
  provider: LoadedProvider,
  { instance, key, secret }: { instance: Instance; key: string; secret: SecretInput },
): SecretSource {
  if (secret.kind !== 'value') {
    return parts.secretsOf({ ...instance, secrets: { ...instance.secrets, [key]: referenceOf(secret) } }, provider)
  }
  const { value } = secret
  parts.redactor.add(value)
  const current = parts.secretsOf(instance, provider)
  const origins = originsOf(provider.definition, instance)
  return {
    open: async (name, origin, destination) =>
      name === key && coversOrigin(origins, origin) ? new Secret(value) : current.open(name, origin, destination),
  }
}

/** Stores a new value or reference for a secret of an instance that exists. */
export async function setSecret(parts: Composition, name: string, key: string, secret: SecretInput): Promise<void> {
  const instance = await parts.instances.get(name)
  const provider = await parts.providerOf(instance.provider)
  checkSecret(provider, key, secret, instance.twin !== undefined)
  await checkKey(parts, provider, instance, key, secret)
  await storeSecret(parts, provider, instance, key, secret)
  const reference = referenceOf(secret)
  if (instance.secrets[key] !== reference)
    await parts.instances.write({ ...instance, secrets: { ...instance.secrets, [key]: reference } })
  await witness(parts, 'secret.set', instance, { secret: key, kind: secret.kind })
}

async function storeSecret(
  parts: Composition,
  provider: LoadedProvider,
  instance: Instance,
  key: string,
  secret: SecretInput | Secret,
): Promise<void> {
  const value = 'kind' in secret ? (secret.kind === 'value' ? secret.value : undefined) : secret
  if (value !== undefined)
    await parts.vault.set(instance.name, key, value, { origins: originsOf(provider.definition, instance) })
}

const referenceOf = (secret: SecretInput | Secret): string =>
  !('kind' in secret) || secret.kind === 'value'
    ? 'vault'
    : secret.kind === 'env'
      ? `env:${secret.variable}`
      : `file:${secret.path}`

function checkSecret({ definition }: LoadedProvider, key: string, secret: SecretInput | Secret, twin: boolean): void {
  const spec = definition.secrets[key]
  const known = Object.keys(definition.secrets)
  if (!spec) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${definition.id} has no secret ${key}`, {
      hint: suggestion(key, known, `It knows ${known.join(', ')}.`),
    })
  }
  if ('kind' in secret && secret.kind === 'value' && !twin && spec.pattern && !spec.pattern.test(secret.value)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `the value given for ${key} does not look like a ${spec.label}`, {
      hint: `Where to get it: ${spec.get}.`,
    })
  }
}

/** A key of another environment than the instance's; of a reference as far as this process can read it. */
async function checkKey(
  parts: Composition,
  provider: LoadedProvider,
  instance: Instance,
  key: string,
  secret: SecretInput | Secret,
): Promise<void> {
  const { definition } = provider
  if (!('kind' in secret)) return // of a twin
  if (secret.kind === 'value') return checkEnvironment(definition, instance, key, secret.value)
  const [origin] = originsOf(definition, instance)
  if (origin === undefined || !tellsKeysApart(definition, key)) return
  const referring = { ...instance, secrets: { ...instance.secrets, [key]: referenceOf(secret) } }
  await parts
    .secretsOf(referring, provider)
    .open(key, origin)
    .catch((thrown: unknown) => {
      // Whoever executes may have what this process has not.
      if (!isFabricError(thrown) || thrown.code === 'IF_ERR_WRONG_ENVIRONMENT') throw thrown
    })
}

function checkSettings({ definition }: LoadedProvider, given: Record<string, string>, twin: boolean): void {
  const specs = definition.settings ?? {}
  for (const [key, value] of Object.entries(given)) {
    const spec = specs[key]
    if (!spec) {
      throw new FabricError('IF_ERR_INVALID_INPUT', `${definition.id} has no setting ${key}`, {
        hint: suggestion(key, Object.keys(specs), `It knows ${Object.keys(specs).join(', ') || 'none'}.`),
      })
    }
    if (!spec.pattern.test(value)) {
      throw new FabricError(
        'IF_ERR_INVALID_INPUT',
        `setting ${key}=${JSON.stringify(value)} is wrong: ${spec.description}`,
        { hint: `Expected ${spec.pattern.source}.` },
      )
    }
  }
  const missing = Object.entries(specs).filter(([key, spec]) => spec.default === undefined && given[key] === undefined)
  if (twin || missing.length === 0) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `${definition.id} needs ${missing.map(([key]) => key).join(', ')}`, {
    hint: missing.map(([key, spec]) => `--set ${key}=…: ${spec.description}`).join(' '),
    details: { missing: missing.map(([key]) => key) },
  })
}

async function twinOf(
  parts: Composition,
  provider: string,
  twin: string | true,
): Promise<{ url: string; secrets: Record<string, Secret> }> {
  const served = await servedTwin(parts, provider)
  if (typeof twin === 'string') return { url: twin, secrets: served?.url === twin ? served.secrets : {} }
  if (served) return served
  throw new FabricError('IF_ERR_NOT_FOUND', `no twin of ${provider} is up`, {
    hint: 'Start it in another terminal, or give its address: --twin http://127.0.0.1:PORT.',
    next: `ifab twin up ${provider}`,
  })
}

async function witness(
  parts: Composition,
  kind: string,
  instance: Instance,
  detail: Record<string, string> = {},
): Promise<void> {
  const { actor, session, why } = parts.acting
  await parts.store.commit(
    [],
    [
      {
        kind,
        at: timestamp(parts.clock.now()),
        actor,
        session,
        ...(why ? { why } : {}),
        instance: instance.name,
        provider: instance.provider,
        detail,
      },
    ],
  )
}
