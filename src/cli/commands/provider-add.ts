// ifab provider add: an instance with its secrets, tried before it stays. A credential that is refused leaves nothing
// behind; a provider that cannot be reached leaves the instance, with a word of warning.
import type { AddInstance, Fabric, ProviderDetail, SecretInput } from '../../fabric/index.ts'
import { didYouMean, FabricError, type JsonObject, toFabricError } from '../../foundation/index.ts'
import { BARE } from '../flags.ts'
import { providerOf } from '../input/operation.ts'
import { projectRow } from '../input/project.ts'
import { askHidden, askLine } from '../input/prompt.ts'
import { readSecretSource, readSecretsFrom, storedValue } from '../input/secret-source.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { spanText, tagText } from '../output/phrases.ts'
import { assignmentWords } from '../output/shell-words.ts'
import { onPlace } from '../output/way-text.ts'
import { falsifyAddition } from './falsify-addition.ts'
import { providerLine } from './provider.ts'

export const providerAddCommand: CommandHandler = async (invocation) => {
  const { flags, args, console } = invocation
  const [id = ''] = args // required by the command tree
  const fabric = await invocation.fabric()
  const as = flags.text('as')
  const found = await projectRow(invocation.io, as ?? id)
  // With --as the first word is a provider; without it the project may know an instance of this name.
  const row = as === undefined || found?.provider === id ? found : undefined
  const provider = await providerOf(fabric, row?.provider ?? id)
  const name = as ?? (row ? id : provider.id)
  const twin = flags.text('twin')
  const given = await givenSecrets(invocation, provider)
  const settings = checkedSettings({ ...row?.settings, ...flags.pairs('set') }, provider)
  const addition: AddInstance = {
    provider: provider.id,
    name,
    tags: { ...row?.tags, ...flags.pairs('tag') },
    settings,
    secrets: given,
    privateNetwork: flags.has('private-network'),
    ...(twin === undefined ? {} : { twin: twin === BARE ? true : twin }),
  }
  if (invocation.falsify) return falsifyAddition(invocation, provider, addition)
  if ((await fabric.instances()).some((instance) => instance.name === name)) throw nameTaken(name, provider)

  console.note(providerLine(provider))
  if (twin === undefined) await askWhatIsMissing(invocation, provider, { secrets: given, settings })
  const instance = await fabric.addInstance(addition)
  const health = flags.has('no-test') ? undefined : await tryOut(invocation, fabric, name)
  const stored = Object.values(given).some(({ kind }) => kind === 'value')
  const kept = stored ? ` · secret encrypted, key in ${fabric.home}/keys` : ''
  console.result(
    { ...instance, health: health ?? null },
    `${console.out.good('✓')} added ${name}${tagText(instance.tags)}${kept}`,
  )
  console.note(`Next: ${exampleOf(provider, name)}`)
}

async function givenSecrets(invocation: Invocation, provider: ProviderDetail): Promise<Record<string, SecretInput>> {
  const { flags, io } = invocation
  const from = flags.text('secrets-from')
  const pairs = flags.pairs('secret')
  const piped = [from, ...Object.values(pairs)].filter((source) => source === '-').length
  if (piped > 1) throw new FabricError('IF_ERR_USAGE', 'standard input can give only one of the secrets')
  const secrets = from === undefined ? {} : await readSecretsFrom(from, io)
  for (const [key, source] of Object.entries(pairs)) secrets[key] = await readSecretSource(key, source, io)
  checkNames(
    'secret',
    Object.keys(secrets),
    provider,
    provider.secrets.map(({ name }) => name),
  )
  return secrets
}

function checkedSettings(settings: Record<string, string>, provider: ProviderDetail): Record<string, string> {
  checkNames(
    'setting',
    Object.keys(settings),
    provider,
    provider.settings.map(({ name }) => name),
  )
  return settings
}

function checkNames(what: string, given: string[], provider: ProviderDetail, known: string[]): void {
  const wrong = given.find((name) => !known.includes(name))
  if (wrong === undefined) return
  throw new FabricError('IF_ERR_USAGE', `${provider.id} has no ${what} ${JSON.stringify(wrong)}`, {
    hint: didYouMean(wrong, known) ?? (known.length > 0 ? `It has ${known.join(', ')}.` : `It needs none.`),
  })
}

const nameTaken = (name: string, provider: ProviderDetail): FabricError =>
  new FabricError('IF_ERR_ALREADY_EXISTS', `there is an instance ${name} already`, {
    hint: 'Give this one another name with --as, or remove the old one.',
    next: `ifab provider add ${provider.id} --as ${name}-2`,
  })

/** Asks at a terminal; elsewhere names everything that is missing at once. */
async function askWhatIsMissing(
  invocation: Invocation,
  provider: ProviderDetail,
  given: { secrets: Record<string, SecretInput>; settings: Record<string, string> },
): Promise<void> {
  const { io, console, canAsk } = invocation
  const place = onPlace((await invocation.fabric()).way)
  const settings = provider.settings.filter(
    ({ name, default: value }) => value === null && given.settings[name] === undefined,
  )
  const secrets = provider.secrets.filter(({ name, required }) => required && !given.secrets[name])
  if (settings.length + secrets.length === 0) return
  if (!canAsk) {
    const words = [
      ...settings.map(({ name }) => `--set ${name}=…`),
      ...secrets.map(({ name }) => `--secret ${name}=env:${name}`),
    ]
    throw new FabricError(
      secrets.length > 0 ? 'IF_ERR_SECRET_MISSING' : 'IF_ERR_USAGE',
      `${provider.id} needs ${[...settings, ...secrets].map(({ name }) => name).join(', ')}`,
      {
        hint: 'Nobody can be asked here: no terminal, --no-input or --json.',
        next: `ifab provider add ${provider.id} ${words.join(' ')}`,
      },
    )
  }
  for (const { name, description } of settings)
    given.settings[name] = (await askLine(io, `${name} (${description})${place}: `)).trim()
  for (const { name, label, get } of secrets) {
    console.note(`Where to get the ${label}: ${get}`)
    given.secrets[name] = storedValue(name, await askHidden(io, `${name}${exampleIn(label)}${place}: `))
  }
}

/** `bot token (xoxb-…)` → ` (xoxb-…, hidden)`. */
const exampleIn = (label: string): string => {
  const form = /\(([^)]+)\)$/.exec(label)?.[1]
  return form ? ` (${form}, hidden)` : ' (hidden)'
}

/** What the provider told; takes the instance back where it refused the credential. */
async function tryOut(invocation: Invocation, fabric: Fabric, name: string): Promise<JsonObject> {
  const { console } = invocation
  try {
    const { ok, durationMs, told } = await fabric.testInstance(name)
    if (!ok) throw new FabricError('IF_ERR_AUTH_FAILED', `${name} did not accept the credential: ${told}`)
    console.note(`${console.err.good('✓')} tested ${spanText(durationMs)}: ${told}`)
    return { ok, told }
  } catch (thrown) {
    const error = toFabricError(thrown)
    if (error.code === 'IF_ERR_AUTH_FAILED') {
      await fabric.removeInstance(name)
      throw error
    }
    console.note(
      `${console.err.warn('!')} could not be tested: ${error.message}    Later: ${error.next ?? `ifab provider test ${name}`}`,
    )
    return { ok: false, told: error.message }
  }
}

function exampleOf(provider: ProviderDetail, name: string): string {
  const acts = provider.operations.find(({ effect, native }) => effect !== 'read' && !native)
  const operation = acts ?? provider.operations[0]
  if (!operation) return `ifab provider show ${name}`
  const verb = operation.effect === 'read' ? 'call' : 'plan'
  return `ifab ${verb} ${name} ${operation.id} ${assignmentWords(operation.example)}`.trimEnd()
}
