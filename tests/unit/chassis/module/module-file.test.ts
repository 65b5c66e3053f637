// What is in a module file, and that nothing passes that was not signed as it is.
import { sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signingKeyOf } from '../../../../src/adapter/index.ts'
import { loadModule } from '../../../../src/chassis/module/load-module.ts'
import { openModule, refuseSealed, sealModule } from '../../../../src/chassis/module/module-file.ts'
import { customSection, readSections, WASM_HEADER } from '../../../../src/chassis/module/sections.ts'
import { type FabricError, isFabricError, sha256Hex } from '../../../../src/foundation/index.ts'
import { sealedAdapter, sealedAgent } from '../../../support/module-files.ts'
import { signingKey } from '../../../support/signing-key.ts'

const key = signingKey('me')
const others = signingKey('theirs')
const options = { file: 'echo.ifwasm', trustedKeys: [key.trusted] }
const sealed = sealedAgent(key)

function refusal(bytes: Uint8Array, more: Partial<Parameters<typeof openModule>[1]> = {}): FabricError {
  try {
    openModule(bytes, { ...options, ...more })
  } catch (thrown) {
    if (isFabricError(thrown)) return thrown
    throw thrown
  }
  throw new Error('was taken')
}

/** The file with other sections before its signature, signed again. */
function resigned(parts: Uint8Array[]): Uint8Array {
  const whole = Buffer.concat(parts)
  const seal = readSections(sealedAgent(key), 'x').at(-1)
  const signature = JSON.parse(Buffer.from(sealed.subarray(seal?.contentStart)).toString())
  const sig = sign(null, Buffer.from(sha256Hex(whole), 'hex'), signingKeyOf(key.pem)).toString('base64')
  const text = `{"algorithm":"ed25519","pubkey":"${signature.pubkey}","sig":"${sig}"}`
  return Buffer.concat([whole, customSection('infrafabric.signature', text)])
}

const KIND = customSection('infrafabric.kind', 'script')
const SCRIPT = customSection('infrafabric.script', '')

describe('a sealed module', () => {
  it('opens to what was sealed, under the name of the key that signed it', () => {
    const opened = openModule(sealed, options)
    const seal = readSections(sealed, 'x').at(-1)

    expect(opened.kind).toBe('script')
    expect(opened.signedBy).toBe('me')
    expect(opened.digest).toBe(sha256Hex(sealed.subarray(0, seal?.start)))
    expect(opened.parts.get('script')?.text).toBe('export const execute = (input) => input')
    expect([...opened.parts.keys()]).toEqual(['kind', 'script', 'contract', 'description'])
  })

  it('is a WebAssembly binary, which other tools can read', () => {
    const module = new WebAssembly.Module(sealed)

    expect(
      Buffer.from(WebAssembly.Module.customSections(module, 'infrafabric.kind')[0] ?? new ArrayBuffer(0)).toString(),
    ).toBe('script')
  })

  it('is the same bytes for the same content and key', () => {
    expect(sealedAgent(key)).toEqual(sealed)
  })

  it('keeps a core module as it was, in front', () => {
    const wasm = Buffer.concat([WASM_HEADER, Uint8Array.of(1, 4, 1, 0x60, 0, 0), customSection('name', 'x')])
    const bytes = sealModule({ kind: 'wasm', wasm }, { contract: {}, description: {} }, key.pem)

    expect(bytes.subarray(0, wasm.length)).toEqual(wasm)
    expect(Buffer.from(openModule(bytes, options).wasm)).toEqual(wasm)
  })
})

describe('refuses', () => {
  it('a file of which any byte was altered', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Uint8Array.from(sealed)
        altered[at] = (altered[at] ?? 0) ^ change

        expect(refusal(altered).code).toMatch(/^IF_ERR_MODULE_(INVALID|UNTRUSTED)$/)
      }),
      { numRuns: 600 },
    )
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Uint8Array.from(sealed)
      altered[at] = (altered[at] ?? 0) ^ 1

      expect(refusal(altered).code).toMatch(/^IF_ERR_MODULE_(INVALID|UNTRUSTED)$/)
    }
  })

  it('a file that ends anywhere else', () => {
    for (let length = 0; length < sealed.length; length += 1)
      expect(refusal(sealed.subarray(0, length)).code).toMatch(/^IF_ERR_MODULE_(INVALID|UNTRUSTED)$/)
    expect(refusal(Buffer.concat([sealed, Uint8Array.of(0)])).code).toBe('IF_ERR_MODULE_INVALID')
  })

  it('bytes of any kind, with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, hasHeader) => {
        const given = hasHeader ? Buffer.concat([WASM_HEADER, bytes]) : bytes

        expect(refusal(given).code).toMatch(/^IF_ERR_MODULE_(INVALID|UNTRUSTED)$/)
      }),
      { numRuns: 1_000 },
    )
  })

  it('what is no WebAssembly, at byte 0', () => {
    const fault = refusal(Buffer.from('#!/bin/sh\n'))

    expect(fault.message).toMatch(/^echo\.ifwasm at byte 0: this is not a WebAssembly binary/)
    expect(fault.details).toEqual({ file: 'echo.ifwasm', offset: 0 })
  })

  it('a section that is longer than the file, with its byte', () => {
    const cut = Buffer.concat([WASM_HEADER, Uint8Array.of(1, 100, 0)])

    expect(refusal(cut)).toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: 'echo.ifwasm at byte 8: cut off: this section says 100 bytes, 1 are left',
    })
  })

  it.each([
    ['of more than 32 bits', [0, 0xff, 0xff, 0xff, 0xff, 0x7f], 'a length of more than 32 bits'],
    ['that goes on', [0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'a length of more than 32 bits'],
    ['that is cut off', [0, 0x80], 'cut off in the middle of a length'],
    ['of a name beyond its section', [0, 1, 5], 'longer than the section'],
    ['of a name that is not UTF-8', [0, 3, 2, 0xc3, 0x28], 'not UTF-8'],
  ])('a length %s', (_what, bytes, said) => {
    expect(refusal(Buffer.concat([WASM_HEADER, Uint8Array.from(bytes)])).message).toContain(said)
  })

  it('so many sections that listing them is work', () => {
    const many = Buffer.concat([WASM_HEADER, Buffer.alloc(40_004, Uint8Array.of(0, 2, 1, 0x61))])

    expect(refusal(many).message).toContain('more than 10000 sections')
  })

  it('a module that nobody signed, and says how to', () => {
    expect(refusal(WASM_HEADER)).toMatchObject({
      code: 'IF_ERR_MODULE_UNTRUSTED',
      message: 'echo.ifwasm is not signed',
      hint: 'Build it into a signed module: ifab chassis build echo.ifwasm.',
    })
  })

  it('one that is signed by a key that is not trusted, named', () => {
    const other = signingKey('other')

    expect(refusal(sealedAgent(other))).toMatchObject({
      code: 'IF_ERR_MODULE_UNTRUSTED',
      message: `echo.ifwasm is signed by a key that is not trusted (${other.trusted.publicKey})`,
    })
  })

  it('one whose key was revoked, or counts only later', () => {
    const now = new Date('2026-06-01T00:00:00Z')
    const revoked = { ...key.trusted, revokedAt: '2026-05-01T00:00:00Z' }
    const later = { ...key.trusted, validFrom: '2026-07-01T00:00:00Z' }

    expect(refusal(sealed, { trustedKeys: [revoked], now }).message).toContain('was revoked at 2026-05-01')
    expect(refusal(sealed, { trustedKeys: [later], now }).message).toContain('counts only from 2026-07-01')
    expect(
      openModule(sealed, { ...options, trustedKeys: [{ ...revoked, revokedAt: '2026-07-01T00:00:00Z' }], now })
        .signedBy,
    ).toBe('me')
  })

  it('what stands after the signature', () => {
    expect(refusal(Buffer.concat([sealed, customSection('note', 'hi')])).message).toContain(
      'something stands after the signature',
    )
    expect(refusal(Buffer.concat([sealed, sealed.subarray(WASM_HEADER.length)])).message).toContain(
      'after the signature',
    )
  })

  it('a signature in another form than its own', () => {
    const seal = readSections(sealed, 'x').at(-1)
    const text = Buffer.from(sealed.subarray(seal?.contentStart)).toString()
    const before = sealed.subarray(0, seal?.start)
    const forms = [
      text.replace('{', '{ '),
      text.replace('"algorithm":"ed25519",', ''),
      text.replace(/==\\?"/, '="'),
      'no json',
    ]

    for (const form of forms)
      expect(refusal(Buffer.concat([before, customSection('infrafabric.signature', form)])).code).toBe(
        'IF_ERR_MODULE_INVALID',
      )
  })

  it.each<[string, Uint8Array[], string]>([
    ['an unknown section of ours', [KIND, SCRIPT, customSection('infrafabric.more', '')], 'infrafabric.more'],
    ['a section that stands twice', [KIND, SCRIPT, SCRIPT], 'infrafabric.script stands twice or in the wrong place'],
    ['sections in another order', [SCRIPT, KIND], 'infrafabric.kind stands twice or in the wrong place'],
    ['others between ours', [KIND, customSection('name', ''), SCRIPT], 'unknown section name'],
    ['code in a script', [Uint8Array.of(1, 4, 1, 0x60, 0, 0), KIND, SCRIPT], 'a script has no other sections'],
    ['a script without script', [KIND], 'infrafabric.script stands in scripts'],
    ['a core module with a script', [customSection('infrafabric.kind', 'wasm'), SCRIPT], 'and only there'],
    ['another kind', [customSection('infrafabric.kind', 'native')], 'script or wasm'],
    ['no kind', [SCRIPT], 'script or wasm'],
    ['no section of ours', [], 'script or wasm'],
    ['what is not UTF-8', [KIND, Uint8Array.of(0, 20, 18, ...Buffer.from('infrafabric.script'), 0xff)], 'not UTF-8'],
  ])('%s, with its byte', (_what, parts, said) => {
    const fault = refusal(resigned([WASM_HEADER, ...parts]))

    expect(fault.code).toBe('IF_ERR_MODULE_INVALID')
    expect(fault.message).toContain(said)
    expect(fault.details.offset).toBeTypeOf('number')
  })

  it('a key that is none, without a word of it', () => {
    expect(() => sealModule({ kind: 'script', script: '' }, { contract: {}, description: {} }, 'hunter2')).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_INVALID_INPUT',
        message: expect.not.stringContaining('hunter2'),
      }),
    )
  })

  it('to seal what is sealed already', () => {
    expect(() => refuseSealed(sealed, 'echo.wasm')).toThrow(
      expect.objectContaining({ code: 'IF_ERR_MODULE_INVALID', hint: expect.stringContaining('compiled module') }),
    )
    expect(() => refuseSealed(WASM_HEADER, 'echo.wasm')).not.toThrow()
  })
})

describe('a file whose signature is right, and whose content is not', () => {
  const load = (bytes: Uint8Array) => loadModule(bytes, options)

  it('loads where both are', () => {
    expect(load(sealedAdapter(key))).toMatchObject({
      id: 'parcel',
      version: '2.1.0',
      signedBy: 'me',
      manifest: { entrypoint: 'module:parcel@2.1.0' },
      examples: { 'message.list': [{ request: { path: '/messages' } }] },
    })
  })

  it('is refused with the field of its contract or description', () => {
    const contract = { swarm_id: 'echo', version: '1.0.0', resource_requirements: { max_memory: 1 } }
    const description = { kind: 'agent', id: 'Echo', name: 'Echo', version: '1.0.0' }

    expect(() => load(sealedAgent(key, { facts: { contract } }))).toThrow(
      /^echo\.ifwasm at byte \d+: contract\.resource_requirements: unknown field "max_memory"/,
    )
    expect(() => load(sealedAgent(key, { facts: { description } }))).toThrow(
      /description\.id: expected lower-case letters/,
    )
  })

  it('is refused where its parts contradict each other', () => {
    const contract = { swarm_id: 'echo', version: '1.0.1' }

    expect(() => load(sealedAgent(key, { facts: { contract } }))).toThrow(
      'its contract is of version 1.0.1, it describes itself as 1.0.0',
    )
    expect(() => load(sealedAgent(key, { facts: { manifest: {} } }))).toThrow('an agent has no manifest')
    expect(() => load(sealedAgent(key, { facts: { examples: { 'message.send': [] } } }))).toThrow(
      'one plan for each example of message.send',
    )
    expect(() => load(sealedAdapter(key, { examples: {} }))).toThrow('one plan for each example of message.list')
    expect(() => load(sealedAdapter(key, { manifest: undefined }))).toThrow('no section infrafabric.manifest')
  })

  it('is refused with the manifest of another module, or one that somebody else signed', () => {
    const { manifest } = load(sealedAdapter(key))
    const theirs = loadModule(sealedAdapter(others), { file: 'x', trustedKeys: [others.trusted] })

    expect(() => load(sealedAdapter(key, { manifest: { ...manifest, id: 'if://capability/stripe' } }))).toThrow(
      'manifest.id: is "if://capability/stripe", expected "if://capability/parcel"',
    )
    expect(() => load(sealedAdapter(key, { manifest: { ...manifest, hosts: ['https://evil.example'] } }))).toThrow(
      expect.objectContaining({ code: 'IF_ERR_MANIFEST_UNTRUSTED' }),
    )
    expect(() => load(sealedAdapter(key, { manifest: theirs.manifest }))).toThrow(
      expect.objectContaining({ code: 'IF_ERR_MANIFEST_UNTRUSTED' }),
    )
  })

  it('is refused where a section is not JSON', () => {
    const parts = [KIND, SCRIPT, customSection('infrafabric.contract', '{')]

    expect(() => load(resigned([WASM_HEADER, ...parts]))).toThrow('the section infrafabric.contract is not JSON')
    expect(() => load(resigned([WASM_HEADER, KIND, SCRIPT]))).toThrow('it has no section infrafabric.contract')
  })
})
