import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  formatManifest,
  generateManifest,
  loadTrustedKeys,
  type Manifest,
  manifestDifferences,
  manifestDigest,
  manifestSchema,
  openCatalogue,
  type ProviderDefinition,
  post,
  rawPublicKey,
  signManifest,
  type TrustedKey,
  verifyManifest,
} from '../../../src/adapter/index.ts'
import { type FabricError, parseDocumentText } from '../../../src/foundation/index.ts'
import { acme } from './fixtures/acme.ts'

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const pair = generateKeyPairSync('ed25519')
const pem = pemOf(pair.privateKey)
const trusted: TrustedKey = { name: 'tester', algorithm: 'ed25519', publicKey: rawPublicKey(pair.publicKey) }
const ENTRYPOINT = 'providers/payment/acme'

const refusal = (work: () => unknown): FabricError => {
  try {
    work()
  } catch (error) {
    return error as FabricError
  }
  throw new Error('nothing was refused')
}

describe('a generated manifest', () => {
  const manifest = generateManifest(acme, ENTRYPOINT)

  it('names secrets, scopes and hosts, with settings as holes', () => {
    expect(manifest).toMatchObject({
      id: 'if://capability/acme',
      version: '1.2.0',
      entrypoint: ENTRYPOINT,
      requires_secrets: ['ACME_TOKEN'],
      scopes: ['payments:read', 'payments:write'],
      hosts: ['https://files.acme.example', 'https://{host}'],
      limits: { rps: 10, burst: 20, backoff: [0.001] },
    })
    expect(manifest).not.toHaveProperty('signature')
  })

  it('has the route of every example, with transport, effect and labels', () => {
    expect(manifest.operations['payment.create']).toEqual({
      effect: 'charge',
      reads: 'private',
      returns: 'trusted',
      sends: 'external',
      transport: 'http',
      method: 'POST',
      host: 'https://{host}',
      path: '/api/{account}/payments',
    })
    expect(manifest.operations['acme:item.find']).toMatchObject({
      path: '/api/{account}/here/find',
      also: [{ transport: 'http', method: 'POST', host: 'https://{host}', path: '/api/{account}/there/find' }],
    })
    expect(manifest.operations['device.get']).toMatchObject({ transport: 'websocket', path: '/live/socket' })
    expect(manifest.operations['acme:file.upload']).toMatchObject({ returns: 'trusted', sends: 'external' })
  })

  it('fits the schema and comes back from its YAML form', () => {
    const signed = signManifest(manifest, pem)

    const { value } = parseDocumentText(formatManifest(signed), manifestSchema, 'acme.yaml')

    expect(value).toEqual(signed)
    expect(formatManifest(signed)).toMatch(/^# Generated from/)
    expect(formatManifest(value)).toBe(formatManifest(signed))
  })

  it('comes back whole, whatever members it has', () => {
    const route = { transport: 'http', method: 'POST', host: 'https://acme.example', path: '/token' } as const
    const whole = signManifest({ ...manifest, grants: [route], hooks: [{ ...route, method: 'GET' }] }, pem)

    const { value } = parseDocumentText(formatManifest(whole), manifestSchema, 'acme.yaml')

    expect(Object.keys(value).sort()).toEqual(Object.keys(manifestSchema.shape).sort())
    expect(value).toEqual(whole)
  })

  it('is refused where an example is not a valid input or a base address is missing', () => {
    const payment = acme.operations['payment.get']
    if (!payment) throw new Error('the fixture has no payment.get')
    const broken = (changes: Partial<typeof payment>): ProviderDefinition => ({
      ...acme,
      operations: { 'payment.get': { ...payment, ...changes } },
    })
    const invalid = broken({ examples: [{ input: { id: '' }, response: {} }] })
    const lost = broken({ request: () => post('/x', { base: 'nowhere' }) })
    const none = broken({ examples: [] as never })

    expect(() => generateManifest(invalid, ENTRYPOINT)).toThrow(/payment\.get: example 1 is not a valid input: id/)
    expect(() => generateManifest(lost, ENTRYPOINT)).toThrow(/no base address "nowhere"/)
    expect(() => generateManifest(none, ENTRYPOINT)).toThrow(/payment\.get has no example/)
  })
})

describe('a signature', () => {
  const signed = signManifest(generateManifest(acme, ENTRYPOINT), pem)

  it('is accepted from a trusted key and does not change the digest', () => {
    expect(verifyManifest(signed, [trusted])).toEqual({ signedBy: 'tester' })
    expect(manifestDigest(signed)).toBe(manifestDigest(generateManifest(acme, ENTRYPOINT)))
    expect(signManifest(signed, pem)).toEqual(signed)
  })

  it('does not depend on the order of the fields', () => {
    const { id, ...rest } = signed

    expect(verifyManifest({ ...rest, id }, [trusted])).toEqual({ signedBy: 'tester' })
  })

  it.each<[string, (manifest: Manifest) => void]>([
    ['a host', (manifest) => manifest.hosts.push('https://evil.example')],
    ['an effect', (manifest) => Object.assign(manifest.operations['payment.create'] ?? {}, { effect: 'read' })],
    ['a limit', (manifest) => Object.assign(manifest.limits, { rps: 1000 })],
    ['the signature', (manifest) => Object.assign(manifest.signature ?? {}, { sig: 'AAAA' })],
  ])('is refused when %s was altered', (_what, alter) => {
    const altered = structuredClone(signed)
    alter(altered)

    expect(refusal(() => verifyManifest(altered, [trusted]))).toMatchObject({
      code: 'IF_ERR_MANIFEST_UNTRUSTED',
      message: 'the manifest if://capability/acme was altered after tester signed it',
    })
  })

  it('is refused where it is missing, by an unknown key, revoked, or not valid yet', () => {
    const { signature: _signature, ...bare } = signed
    const at = (key: Partial<TrustedKey>, now: string) => () =>
      verifyManifest(signed, [{ ...trusted, ...key }], { now: new Date(now) })
    const key = { validFrom: '2026-01-01T00:00:00Z', revokedAt: '2027-01-01T00:00:00Z' }

    expect(refusal(() => verifyManifest(bare, [trusted])).message).toMatch(/is not signed$/)
    expect(refusal(() => verifyManifest(signed, [])).message).toMatch(/a key that is not trusted/)
    expect(refusal(at(key, '2027-01-01T00:00:00Z')).message).toMatch(/whose key was revoked at 2027/)
    expect(refusal(at(key, '2025-12-31T00:00:00Z')).message).toMatch(/counts only from 2026/)
    expect(at(key, '2026-06-01T00:00:00Z')()).toEqual({ signedBy: 'tester' })
  })

  it('needs an Ed25519 private key and never quotes what it was given', () => {
    const rsa = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)

    for (const wrong of ['canary-not-a-key', rsa]) {
      const error = refusal(() => signManifest(signed, wrong))
      expect(error).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
      expect(JSON.stringify(error)).not.toContain(wrong.slice(0, 40))
    }
  })
})

describe('differences between manifests', () => {
  const before = generateManifest(acme, ENTRYPOINT)
  const differ = (change: (manifest: Manifest) => void) => {
    const after = structuredClone(before)
    change(after)
    return manifestDifferences(before, after).map(({ text, widens }) => `${widens ? '! ' : '  '}${text}`)
  }
  const operation = (manifest: Manifest, id = 'payment.get') => {
    const found = manifest.operations[id]
    if (!found) throw new Error(`the fixture has no ${id}`)
    return found
  }

  it('are none between equals', () => {
    expect(manifestDifferences(before, structuredClone(before))).toEqual([])
  })

  it('flag what reaches further', () => {
    expect(
      differ((manifest) => {
        manifest.version = '1.3.0'
        manifest.hosts = ['https://{host}', 'https://evil.example']
        manifest.scopes.push('refunds:write')
        manifest.limits.rps = 5
        manifest.limits.burst = 50
        manifest.limits.backoff = [1, 2]
      }),
    ).toEqual([
      '  version: 1.2.0 → 1.3.0',
      '! host added: https://evil.example',
      '  host removed: https://files.acme.example',
      '! scope added: refunds:write',
      '  limits.rps: 10 → 5',
      '! limits.burst: 20 → 50',
      '  limits.backoff: 0.001 → 1, 2',
    ])
  })

  it('flag effects, labels, routes and operations', () => {
    expect(
      differ((manifest) => {
        Object.assign(operation(manifest), { effect: 'update', reads: 'public', sends: 'external', path: '/else' })
        Object.assign(operation(manifest, 'payment.create'), { effect: 'create' })
        Object.assign(operation(manifest, 'device.get'), { method: 'POST' })
        delete manifest.operations['state.watch']
        manifest.operations['acme:new'] = operation(manifest)
      }),
    ).toEqual([
      '  payment.create effect: charge → create',
      '! payment.get effect: read → update',
      '  payment.get reads: private → public',
      '! payment.get sends: none → external',
      '! payment.get route added: GET https://{host}/else',
      '  payment.get route removed: GET https://{host}/api/{account}/payments/{id}',
      '! device.get route added: websocket POST https://{host}/live/socket',
      '  device.get route removed: websocket GET https://{host}/live/socket',
      '  operation removed: state.watch',
      '! operation added: acme:new',
    ])
  })
})

describe('the catalogue', () => {
  const yaml = (definition: ProviderDefinition = acme) =>
    formatManifest(signManifest(generateManifest(definition, ENTRYPOINT), pem))
  const open = (text: string | undefined, trustedKeys = [trusted]) => {
    const calls = { manifest: 0, definition: 0 }
    const catalogue = openCatalogue({
      providers: [
        {
          id: 'acme',
          category: 'payment',
          load: async () => {
            calls.definition += 1
            return acme
          },
        },
      ],
      readManifest: async () => {
        calls.manifest += 1
        return text
      },
      trustedKeys,
    })
    return { catalogue, calls }
  }

  it('loads a provider whose manifest verifies, once', async () => {
    const { catalogue, calls } = open(yaml())

    const [first, second] = await Promise.all([catalogue.load('acme'), catalogue.load('acme')])

    expect(catalogue.ids()).toEqual(['acme'])
    expect(first).toBe(second)
    expect(first).toMatchObject({
      definition: acme,
      signedBy: 'tester',
      digest: manifestDigest(generateManifest(acme, ENTRYPOINT)),
    })
    expect(calls).toEqual({ manifest: 1, definition: 1 })
  })

  it.each<[string, string | undefined, TrustedKey[], RegExp]>([
    ['missing', undefined, [trusted], /acme is missing \(manifests\/payment\/acme\.yaml\)/],
    ['untrusted', yaml(), [], /a key that is not trusted/],
    ['altered', yaml().replace('rps: 10', 'rps: 11'), [trusted], /was altered after tester signed it/],
    ['not a manifest', 'id: 5\n', [trusted], /cannot be read: manifests\/payment\/acme\.yaml:1 id: /],
    ['not YAML', '{', [trusted], /cannot be read: manifests\/payment\/acme\.yaml:1/],
    [
      'stale',
      yaml({ ...acme, limits: { ...acme.limits, rps: 5, burst: 6 }, version: '1.1.0', docs: 'x' }),
      [trusted],
      /does not say what the definition says \(version: 1\.1\.0 → 1\.2\.0; limits\.rps: 5 → 10; limits\.burst: 6 → 20\)/,
    ],
    ["another's", yaml({ ...acme, id: 'other' }), [trusted], /is that of if:\/\/capability\/other/],
  ])('refuses a provider whose manifest is %s', async (_why, text, keys, message) => {
    const { catalogue } = open(text, keys)

    await expect(catalogue.load('acme')).rejects.toMatchObject({
      code: 'IF_ERR_MANIFEST_UNTRUSTED',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
  })

  it('looks again after a failure', async () => {
    const { catalogue, calls } = open(undefined)

    await expect(catalogue.load('acme')).rejects.toThrow()
    await expect(catalogue.load('acme')).rejects.toThrow()

    expect(calls.manifest).toBe(2)
  })

  it('suggests the nearest provider for an unknown one', async () => {
    await expect(open(yaml()).catalogue.load('acne')).rejects.toMatchObject({
      code: 'IF_ERR_UNKNOWN_PROVIDER',
      hint: expect.stringMatching(/^Did you mean `acme`\?/),
    })
  })
})

describe('a trust file', () => {
  const folders: string[] = []

  afterEach(async () => {
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
  })

  const file = async (text: string): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'ifab-trust-'))
    folders.push(folder)
    await writeFile(join(folder, 'keys.yaml'), text)
    return join(folder, 'keys.yaml')
  }
  const entry = (name: string, key = trusted.publicKey) =>
    `  - { name: ${name}, algorithm: ed25519, publicKey: '${key}' }\n`

  it('gives its keys', async () => {
    expect(await loadTrustedKeys(await file(`version: 1\nkeys:\n${entry('tester')}`))).toEqual([trusted])
  })

  it.each([
    ['a short key', entry('a', 'AAAA'), /keys\.yaml:3 keys\[0\]\.publicKey: expected the 32 raw bytes/],
    ['a name twice', entry('a') + entry('a'), /two keys have the same name/],
  ])('with %s is refused', async (_what, keys, message) => {
    await expect(loadTrustedKeys(await file(`version: 1\nkeys:\n${keys}`))).rejects.toThrow(message)
  })

  it('may be absent only where that is said', async () => {
    const path = join(tmpdir(), 'ifab-no-such-file.yaml')

    expect(await loadTrustedKeys(path, { optional: true })).toEqual([])
    await expect(loadTrustedKeys(path)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('of the package is readable and names the publisher', async () => {
    const keys = await loadTrustedKeys(new URL('../../../trust/keys.yaml', import.meta.url).pathname)

    expect(keys.map(({ name }) => name)).toEqual(['infrafabric'])
  })
})
