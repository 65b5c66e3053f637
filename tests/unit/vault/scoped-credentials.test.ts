import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/foundation/index.ts'
import {
  type CredentialGrant,
  type CredentialUse,
  openScopedCredentials,
  type ScopedCredentialsOptions,
  type SecretSource,
} from '../../../src/vault/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { CANARY, failureOf } from './rig.ts'

const HOLDER = 'run-1'
const GRANT: CredentialGrant = {
  instance: 'shop',
  operations: ['message.*'],
  endpoints: ['https://api.example.com/v1/messages/*'],
  holder: HOLDER,
}
const USE: CredentialUse = { holder: HOLDER, instance: 'shop', operation: 'message.send' }
const ORIGIN = 'https://api.example.com'
const INSIDE = { method: 'POST', url: `${ORIGIN}/v1/messages/7` }

function setUp(options: Partial<ScopedCredentialsOptions> = {}) {
  const clock = heldClock()
  const credentials = openScopedCredentials({ clock, ...options })
  const asked: string[] = []
  const source: SecretSource = {
    async open(name, origin) {
      asked.push(`${name} ${origin}`)
      return new Secret(CANARY)
    },
  }
  const denial = (handle: string, change: Partial<CredentialUse> = {}) => {
    try {
      credentials.check(handle, { ...USE, ...change })
    } catch (thrown) {
      return thrown as { code: string; message: string; details: unknown }
    }
    throw new Error('expected a denial')
  }
  return { clock, credentials, source, asked, denial }
}

describe('a scoped credential', () => {
  it('stands for its instance and operations, and its handle shows nothing of them', () => {
    const { credentials } = setUp()

    const { handle, id } = credentials.issue(GRANT)

    expect(handle).toMatch(/^ifcred_[0-9a-z]{26}_[A-Za-z0-9_-]{43}$/)
    expect(credentials.check(handle, USE)).toMatchObject({ id, ...GRANT })
  })

  it.each([
    ['another instance', { instance: 'chat' }, 'is for the instance shop, not for chat'],
    ['another operation', { operation: 'payment.create' }, 'covers message.*, not payment.create'],
    ['a longer operation', { operation: 'message.send.now' }, 'covers message.*, not message.send.now'],
  ])('is denied for %s', (_what, change, message) => {
    const { credentials, denial } = setUp()
    const { handle, id } = credentials.issue(GRANT)

    expect(denial(handle, change)).toMatchObject({
      code: 'IF_ERR_CREDENTIAL_DENIED',
      message: expect.stringContaining(message),
      details: { credential: id },
    })
  })

  it('tells another holder no more than that it holds no such credential, whatever it tries', () => {
    const { clock, credentials, denial } = setUp()
    const stolen = credentials.issue(GRANT).handle
    const revoked = credentials.issue(GRANT)
    credentials.revoke(revoked.id)
    const expired = credentials.issue({ ...GRANT, ttlMs: 1 }).handle
    clock.pass(1)
    const foreign = openScopedCredentials({ clock }).issue({ ...GRANT, holder: 'thief' }).handle

    const denials = [stolen, revoked.handle, expired, foreign, 'ifcred_', '', `${stolen}x`, ` ${stolen}`].map(
      (handle) => denial(handle, { holder: 'thief' }),
    )

    for (const { message, details } of denials) {
      expect({ message, details }).toEqual({ message: 'thief holds no such credential', details: {} })
    }
    expect(() => credentials.check(stolen, USE)).not.toThrow()
  })

  it('of another process is worth nothing, also to the same holder', () => {
    const { clock, denial } = setUp()
    const elsewhere = openScopedCredentials({ clock }).issue(GRANT)

    expect(denial(elsewhere.handle).message).toBe('run-1 holds no such credential')
  })

  it('cannot be made out of another by changing any of its characters', () => {
    const { credentials, denial } = setUp()
    const { handle } = credentials.issue(GRANT)
    const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'

    fc.assert(
      fc.property(fc.nat(handle.length - 1), fc.constantFrom(...alphabet), (at, character) => {
        fc.pre(handle[at] !== character)
        const forged = handle.slice(0, at) + character + handle.slice(at + 1)
        expect(denial(forged).code).toBe('IF_ERR_CREDENTIAL_DENIED')
      }),
    )
  })

  it('ends by the monotonic clock, whatever the wall clock says', () => {
    const { clock, credentials, denial } = setUp()
    const { handle } = credentials.issue(GRANT)

    clock.now = () => Date.UTC(2099, 0)
    clock.pass(299_999)
    expect(() => credentials.check(handle, USE)).not.toThrow()
    clock.pass(1)

    expect(denial(handle).message).toMatch(/expired at/)
    expect(denial(handle).message).toMatch(/expired at/)
    expect(credentials.list()).toEqual([])
  })

  it.each([0, -1, 3_600_001, Number.NaN, Number.POSITIVE_INFINITY])('is refused for %d ms', (ttlMs) => {
    const { credentials } = setUp()

    expect(() => credentials.issue({ ...GRANT, ttlMs })).toThrow(/not a time to live between 1 ms and 3600 s/)
  })

  it('lasts an hour at most', () => {
    const { clock, credentials } = setUp()
    const { handle } = credentials.issue({ ...GRANT, ttlMs: 3_600_000 })

    clock.pass(3_599_999)

    expect(() => credentials.check(handle, USE)).not.toThrow()
  })

  it.each([
    ['no instance', { instance: '' }],
    ['no holder', { holder: '' }],
    ['too many operations', { operations: Array(65).fill('a') }],
    ['an empty glob', { operations: [''] }],
    ['a glob with a line break', { operations: ['a\nb'] }],
    ['three stars', { operations: ['a***'] }],
    ['a claim without a token', { claim: { task: 't', token: Number.NaN } }],
    ['an endpoint with a wildcard host', { endpoints: ['https://*.example.com/'] }],
  ])('is refused with %s', (_what, change) => {
    const { credentials } = setUp()

    expect(() => credentials.issue({ ...GRANT, ...change })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
    )
  })

  it('covers nothing with an empty list of operations or endpoints', async () => {
    const { credentials, source, denial } = setUp()
    const noOperation = credentials.issue({ ...GRANT, operations: [] }).handle
    const noEndpoint = credentials.issue({ ...GRANT, endpoints: [] }).handle

    expect(denial(noOperation).message).toContain('covers nothing')
    const failure = await failureOf(credentials.guard(noEndpoint, source, USE).open('KEY', ORIGIN, INSIDE))
    expect(failure.message).toContain('reaches nothing')
  })

  it('is not changed by changing what it was issued from', () => {
    const { credentials, denial } = setUp()
    const operations = ['message.send']
    const { handle } = credentials.issue({ ...GRANT, operations })

    operations.push('**')

    expect(denial(handle, { operation: 'payment.create' }).code).toBe('IF_ERR_CREDENTIAL_DENIED')
    expect(Object.isFrozen(credentials.list()[0])).toBe(true)
  })

  it('is listed without its handle as long as it stands', () => {
    const { clock, credentials } = setUp()
    const { id } = credentials.issue({ ...GRANT, ttlMs: 1_000 })
    const other = credentials.issue({ ...GRANT, ttlMs: 2_000 })

    expect(credentials.list().map((one) => one.id)).toEqual([id, other.id])
    expect(JSON.stringify(credentials.list())).not.toContain('ifcred_')
    clock.pass(1_000)

    expect(credentials.list().map((one) => one.id)).toEqual([other.id])
  })

  it('is refused above 10,000 at once, and again possible when one has gone', () => {
    const { credentials } = setUp()
    for (let at = 0; at < 10_000; at++) credentials.issue(GRANT)

    expect(() => credentials.issue(GRANT)).toThrow(expect.objectContaining({ code: 'IF_ERR_RATE_LIMIT_EXCEEDED' }))
    expect(credentials.revokeHolder(HOLDER)).toBe(10_000)

    expect(() => credentials.issue(GRANT)).not.toThrow()
  })
})

describe('revoking', () => {
  it('ends one credential and says so to its holder', () => {
    const { credentials, denial } = setUp()
    const { handle, id } = credentials.issue(GRANT)
    const other = credentials.issue(GRANT).handle

    expect(credentials.revoke(id)).toBe(true)

    expect(credentials.revoke(id)).toBe(false)
    expect(denial(handle).message).toBe(`the credential ${id} was revoked`)
    expect(() => credentials.check(other, USE)).not.toThrow()
  })

  it('ends what was issued under a claim, up to the token that has ended', () => {
    const { credentials, denial } = setUp()
    const underClaim = (token: number) => credentials.issue({ ...GRANT, claim: { task: 'build', token } }).handle
    const [first, second] = [underClaim(1), underClaim(2)]
    const free = credentials.issue(GRANT).handle

    expect(credentials.revokeClaim({ task: 'other' })).toBe(0)
    expect(credentials.revokeClaim({ task: 'build', token: 1 })).toBe(1)
    expect(denial(first, { claim: { task: 'build', token: 1 } }).message).toContain('ended with the claim of build')
    expect(() => credentials.check(second, { ...USE, claim: { task: 'build', token: 2 } })).not.toThrow()
    expect(credentials.revokeClaim({ task: 'build' })).toBe(1)

    expect(() => credentials.check(free, USE)).not.toThrow()
  })

  it('ends everything of a holder and nothing of others', () => {
    const { credentials, denial } = setUp()
    const { handle } = credentials.issue(GRANT)
    const other = credentials.issue({ ...GRANT, holder: 'run-2' }).handle

    expect(credentials.revokeHolder(HOLDER)).toBe(1)

    expect(denial(handle).message).toContain('was revoked with all of its holder')
    expect(() => credentials.check(other, { ...USE, holder: 'run-2' })).not.toThrow()
  })

  it('is remembered for a bounded number only', () => {
    const { credentials, denial } = setUp()
    const { handle, id } = credentials.issue(GRANT)
    credentials.revoke(id)

    for (let at = 0; at < 1_000; at++) credentials.revoke(credentials.issue(GRANT).id)

    expect(denial(handle).message).toBe('run-1 holds no such credential')
  })
})

describe('a credential under a claim', () => {
  const claim = { task: 'build', token: 3 }

  it.each([
    ['no claim', undefined],
    ['another task', { task: 'deploy', token: 3 }],
    ['an older token', { task: 'build', token: 2 }],
    ['a newer token', { task: 'build', token: 4 }],
  ])('is denied with %s', (_what, shown) => {
    const { credentials, denial } = setUp()
    const { handle } = credentials.issue({ ...GRANT, claim })

    const failure = denial(handle, shown ? { claim: shown } : {})

    expect(failure.message).toContain('is bound to the claim of build with token 3')
  })

  it('ends when the claim no longer stands, and does not come back with it', () => {
    let isClaimed = true
    const { credentials, denial } = setUp({ isClaimed: () => isClaimed })
    const { handle } = credentials.issue({ ...GRANT, claim })
    expect(() => credentials.check(handle, { ...USE, claim })).not.toThrow()

    isClaimed = false
    expect(denial(handle, { claim }).message).toContain('ended with the claim of build')
    isClaimed = true

    expect(denial(handle, { claim }).message).toContain('ended with the claim of build')
  })
})

describe('the guarded source', () => {
  it('opens the secret for a request to an endpoint of the credential', async () => {
    const { credentials, source, asked } = setUp()
    const guarded = credentials.guard(credentials.issue(GRANT).handle, source, USE)

    const secret = await guarded.open('KEY', ORIGIN, INSIDE)

    expect(secret.reveal()).toBe(CANARY)
    expect(asked).toEqual([`KEY ${ORIGIN}`])
  })

  it.each([
    ['another path', ORIGIN, `${ORIGIN}/v1/payments`],
    ['a deeper path', ORIGIN, `${ORIGIN}/v1/messages/7/delete`],
    ['another host', 'https://evil.example', 'https://evil.example/v1/messages/7'],
    ['a host that is not that of the address', 'https://evil.example', INSIDE.url],
    ['an address with a user name', ORIGIN, 'https://api.example.com@evil.example/v1/messages/7'],
    ['an address with a query', ORIGIN, `${INSIDE.url}?a=b`],
    ['what is not an address', ORIGIN, 'nonsense'],
  ])('opens nothing for %s', async (_what, origin, url) => {
    const { credentials, source, asked } = setUp()
    const guarded = credentials.guard(credentials.issue(GRANT).handle, source, USE)

    const failure = await failureOf(guarded.open('KEY', origin, { method: 'POST', url }))

    expect(failure.code).toBe('IF_ERR_CREDENTIAL_DENIED')
    expect(JSON.stringify(failure)).not.toContain(CANARY)
    expect(asked).toEqual([])
  })

  it('opens nothing where the destination is not told', async () => {
    const { credentials, source } = setUp()
    const { handle } = credentials.issue({ ...GRANT, endpoints: [`${ORIGIN}/**`] })

    const failure = await failureOf(credentials.guard(handle, source, USE).open('KEY', ORIGIN))

    expect(failure.message).toContain('not https://api.example.com without a path')
  })

  it('asks each time whether the credential still stands', async () => {
    const { clock, credentials, source } = setUp()
    const { handle } = credentials.issue(GRANT)
    const guarded = credentials.guard(handle, source, USE)
    await guarded.open('KEY', ORIGIN, INSIDE)

    clock.pass(300_000)

    expect((await failureOf(guarded.open('KEY', ORIGIN, INSIDE))).message).toContain('expired')
  })

  it('gives nothing when the credential ends while the secret is being opened', async () => {
    const { credentials } = setUp()
    const { handle, id } = credentials.issue(GRANT)
    const slow: SecretSource = {
      async open() {
        credentials.revoke(id)
        return new Secret(CANARY)
      },
    }

    expect((await failureOf(credentials.guard(handle, slow, USE).open('KEY', ORIGIN, INSIDE))).message).toContain(
      'was revoked',
    )
  })

  it('stays as bound to the origins of its instance as the source behind it', async () => {
    const { credentials, asked } = setUp()
    const { handle } = credentials.issue({ ...GRANT, endpoints: ['https://evil.example/**'] })
    const bound: SecretSource = {
      async open(name, origin) {
        asked.push(`${name} ${origin}`)
        throw new Error('bound to another origin')
      },
    }

    await expect(
      credentials
        .guard(handle, bound, USE)
        .open('KEY', 'https://evil.example', { method: 'GET', url: 'https://evil.example/x' }),
    ).rejects.toThrow('bound to another origin')
  })
})
