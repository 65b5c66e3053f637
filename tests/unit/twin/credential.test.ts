import { describe, expect, it } from 'vitest'
import type { Auth } from '../../../src/adapter/index.ts'
import { systemRandom } from '../../../src/foundation/index.ts'
import { credentialsOf, twinSecrets } from '../../../src/twin/credential.ts'
import { shop } from './shop-provider.ts'

const withAuth = (auth: Auth) => credentialsOf({ ...shop, auth }, { SHOP_KEY: 'sesame', USER: 'ali' })
const none = new URLSearchParams()

describe('credentialsOf', () => {
  it.each<[string, Auth['slots'][number], Record<string, string>, string]>([
    [
      'bearer',
      { in: 'header', name: 'Authorization', parts: ['Bearer ', { secret: 'SHOP_KEY' }] },
      { authorization: 'Bearer sesame' },
      '',
    ],
    [
      'basic',
      {
        in: 'header',
        name: 'Authorization',
        parts: [{ secret: 'USER' }, ':', { secret: 'SHOP_KEY' }],
        encode: 'basic',
      },
      { authorization: 'Basic YWxpOnNlc2FtZQ==' },
      '',
    ],
    ['header', { in: 'header', name: 'X-Key', parts: [{ secret: 'SHOP_KEY' }] }, { 'x-key': 'sesame' }, ''],
    ['query', { in: 'query', name: 'key', parts: [{ secret: 'SHOP_KEY' }] }, {}, 'key=sesame'],
  ])('admits only the right credential by %s', (_, slot, headers, query) => {
    const { admits } = withAuth({ scheme: 'header', slots: [slot] })
    const broken = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value.slice(0, -1)}!`]))

    expect(admits(headers, new URLSearchParams(query))).toBe(true)
    expect(admits(broken, new URLSearchParams(query.replace('sesame', 'sesamf')))).toBe(false)
    expect(admits({}, none)).toBe(false)
  })

  it('admits everybody where the provider asks for nothing', () => {
    expect(withAuth({ scheme: 'none', slots: [] }).admits({}, none)).toBe(true)
  })

  it('accepts its secrets and nothing else', () => {
    const { accepts } = withAuth({ scheme: 'none', slots: [] })

    expect(['sesame', 'ali', 'sesamf', ''].map(accepts)).toEqual([true, true, false, false])
  })
})

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
})
