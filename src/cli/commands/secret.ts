// ifab secret: gives an instance a secret, and lists which there are. A value never shows.
import { didYouMean, FabricError, toFabricError } from '../../foundation/index.ts'
import { providerOf } from '../input/operation.ts'
import { askHidden } from '../input/prompt.ts'
import { readSecretSource, storedValue } from '../input/secret-source.ts'
import type { CommandHandler } from '../invocation.ts'
import { agoText, spanText } from '../output/phrases.ts'
import { table } from '../output/table.ts'
import { onPlace } from '../output/way-text.ts'

export const secretSetCommand: CommandHandler = async ({ fabric, args, console, io, canAsk }) => {
  const [instance = '', key = '', source] = args // both required by the command tree
  const literal = key.indexOf('=')
  if (literal >= 0) await readSecretSource(key.slice(0, literal), key.slice(literal + 1), io)
  const opened = await fabric()
  const provider = await providerOf(opened, instance)
  const known = provider.secrets.map(({ name }) => name)
  if (!known.includes(key)) {
    throw new FabricError('IF_ERR_NOT_FOUND', `${provider.id} has no secret ${JSON.stringify(key)}`, {
      hint: didYouMean(key, known) ?? `It has ${known.join(', ')}.`,
    })
  }
  if (source === undefined && !canAsk) {
    throw new FabricError('IF_ERR_SECRET_MISSING', `nobody can be asked for ${key}`, {
      hint: `Say where it is: env:${key}, file:PATH, or - for standard input.`,
    })
  }
  const secret =
    source === undefined
      ? storedValue(key, await askHidden(io, `${key} (hidden)${onPlace(opened.way)}: `))
      : await readSecretSource(key, source, io)
  const health = await opened.testSecret(instance, key, secret).catch((thrown: unknown) => toFabricError(thrown))
  if (health instanceof FabricError && REFUSED.has(health.code)) {
    throw new FabricError(health.code, `${health.message}; the secret in use stays`, {
      ...(health.hint ? { hint: health.hint } : {}),
      details: health.details,
    })
  }
  await opened.setSecret(instance, key, secret)
  const kept =
    secret.kind === 'value'
      ? 'encrypted'
      : `read from ${secret.kind === 'env' ? `env:${secret.variable}` : `file:${secret.path}`}`
  const accepted = !(health instanceof FabricError)
  console.result(
    { instance, name: key, kind: secret.kind, accepted },
    `${console.out.good('✓')} ${key} of ${instance} set, ${kept}`,
  )
  if (accepted)
    console.note(`✓ accepted ${spanText(health.durationMs)}: ${health.told}    Next: ifab provider show ${instance}`)
  else console.note(`! could not be tested: ${health.message}    Next: ifab provider test ${instance}`)
}

/** The new value itself is wrong; anything else says nothing about it. */
const REFUSED: ReadonlySet<string> = new Set([
  'IF_ERR_AUTH_FAILED',
  'IF_ERR_INVALID_INPUT',
  'IF_ERR_SECRET_MISSING',
  'IF_ERR_WRONG_ENVIRONMENT',
])

export const secretListCommand: CommandHandler = async ({ fabric, args, console, io }) => {
  const [instance] = args
  const secrets = await (await fabric()).secrets(instance)
  const rows = secrets.map(({ instance: name, name: key, kind, setAt }) => [
    name,
    key,
    kind,
    setAt === null ? '' : `set ${agoText(setAt, io.now())}`,
  ])
  console.result(secrets, rows.length === 0 ? 'no secrets' : table(rows))
}
