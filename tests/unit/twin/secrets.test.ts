import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../../src/foundation/index.ts'
import { twinSecrets } from '../../../src/twin/secrets.ts'
import { shop } from './shop-provider.ts'

describe('twinSecrets', () => {
  it('makes up other test secrets each time', () => {
    const [one, two] = [twinSecrets(shop, {}, systemRandom), twinSecrets(shop, {}, systemRandom)]

    expect(one.SHOP_KEY).toMatch(/^shop_test_[a-z0-9]{40}$/)
    expect(two).not.toEqual(one)
  })

  it('takes the secrets of an earlier run', () => {
    expect(twinSecrets(shop, { SHOP_KEY: 'shop_test_1' }, systemRandom)).toEqual({ SHOP_KEY: 'shop_test_1' })
  })

  it.each([
    [{ SHOP_KEY: 'shop_live_1' }, 'SHOP_KEY does not start with shop_test_'],
    [{ OTHER: 'x' }, 'shop has no secret OTHER'],
  ])('refuses a real or unknown secret without showing it', (given, problem) => {
    expect(() => twinSecrets(shop, given, systemRandom)).toThrow(problem)
  })

  it('says so where a provider makes up secrets that it would not take', () => {
    const secrets = { SHOP_KEY: { label: 'key', get: '', pattern: /^never$/ } }

    expect(() => twinSecrets({ ...shop, secrets }, {}, systemRandom)).toThrow('does not match its own pattern')
  })

  it.each([
    ['P-256', 'prime256v1'],
    ['P-521', 'secp521r1'],
    ['RSA', 'rsa'],
    ['Ed25519', 'ed25519'],
  ] as const)('generates a %s key where a private key is the secret', (testKey, kind) => {
    const provider = { ...shop, secrets: { KEY: { label: 'key', get: '', testKey } } }

    const { KEY = '' } = twinSecrets(provider, {}, systemRandom)
    const key = createPrivateKey(KEY)

    expect(key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType).toBe(kind)
    expect(KEY).toMatch(/^-----BEGIN (PRIVATE) KEY-----\n/)
    expect(twinSecrets(provider, { KEY }, systemRandom)).toEqual({ KEY })
    expect(() => twinSecrets(provider, { KEY: 'sesame' }, systemRandom)).toThrow(/^KEY is not a private key in PEM$/)
  })

  it.each([
    ['', /^[a-f0-9]{32}$/],
    ['AC', /^AC[0-9a-f]{32}$/],
    ['', /^\d{10}$/],
    ['', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/],
    ['whsec_', /^whsec_[A-Za-z0-9+/]{43}=$/],
  ])('makes up what begins with %j and matches %s', (testPrefix, pattern) => {
    const secrets = { KEY: { label: 'key', get: '', testPrefix, pattern } }

    expect(twinSecrets({ ...shop, secrets }, {}, systemRandom).KEY).toMatch(pattern)
  })
})
