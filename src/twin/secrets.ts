// The secrets of a twin: made up for it alone, worth nothing anywhere else.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { ProviderDefinition, SecretSpec } from '../adapter/index.ts'
import { FabricError, type RandomBytes } from '../foundation/index.ts'

/**
 * The twin's secrets: the given ones (of an earlier run of this twin), made up where absent. A given one without the
 * provider's test prefix is refused, so that a real credential never ends up in a rehearsal.
 */
export function twinSecrets(
  definition: ProviderDefinition,
  given: Readonly<Record<string, string>>,
  random: RandomBytes,
): Record<string, string> {
  const unknown = Object.keys(given).find((name) => !definition.secrets[name])
  if (unknown) throw new FabricError('IF_ERR_INVALID_INPUT', `${definition.id} has no secret ${unknown}`)
  return Object.fromEntries(
    Object.entries(definition.secrets).map(([name, spec]) => {
      const value = given[name] ?? madeUp(spec, random)
      if (spec.testKey) requirePrivateKey(name, value)
      else requirePrefix(name, value, spec.testPrefix ?? '')
      if (spec.pattern && !spec.pattern.test(value)) {
        throw new FabricError(
          'IF_ERR_INTERNAL',
          `a generated ${name} of ${definition.id} does not match its own pattern`,
        )
      }
      return [name, value]
    }),
  )
}

/** The first form that the pattern takes: vendors fix the length of many secrets, of others they take only digits or a UUID. */
function madeUp({ testKey, testPrefix = '', testDigits, pattern }: SecretSpec, random: RandomBytes): string {
  if (testKey) return keyPair(testKey).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const hex = Buffer.from(random(32)).toString('hex')
  if (testDigits !== undefined) return testPrefix + hex.repeat(Math.ceil(testDigits / hex.length)).slice(0, testDigits)
  const forms = FORMS.map((form) => testPrefix + form(hex))
  return forms.find((value) => pattern === undefined || pattern.test(value)) ?? `${testPrefix}${hex.slice(0, 40)}`
}

const FORMS: readonly ((hex: string) => string)[] = [
  ...[40, 32, 64, 24, 16, 10, 8].map((length) => (hex: string) => hex.slice(0, length)),
  (hex) => hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
  ...[20, 16, 12, 10, 8].map((length) => (hex: string) => BigInt(`0x${hex}`).toString().slice(0, length)),
  (hex) => Buffer.from(hex, 'hex').toString('base64'),
]

function keyPair(kind: NonNullable<SecretSpec['testKey']>) {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return kind === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: kind })
}

function requirePrefix(name: string, value: string, prefix: string): void {
  if (value.startsWith(prefix)) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `${name} does not start with ${prefix}`, {
    hint: 'A twin takes only test secrets that were generated for it, never a real credential.',
  })
}

function requirePrivateKey(name: string, value: string): void {
  try {
    createPrivateKey(value)
  } catch {
    // The reason is not kept: it could quote the key.
    throw new FabricError('IF_ERR_INVALID_INPUT', `${name} is not a private key in PEM`, {
      hint: 'Give the key that a twin generated, or none.',
    })
  }
}
