// The .ifwasm file: one WebAssembly binary that holds a module's code, contract, description, plans of its examples and
// manifest, and as its last section a signature over everything before it. Any wasm tool can read it; nothing in it is
// looked at before the signature was found right.
import { sign, verify } from 'node:crypto'
import { z } from 'zod'
import { publicKeyOf, rawPublicKey, signingKeyOf, type TrustedKey } from '../../adapter/index.ts'
import { canonicalJson, sha256Hex } from '../../foundation/index.ts'
import type { GuestKind } from '../guest-protocol.ts'
import { invalidModule, untrustedModule } from './module-faults.ts'
import { customSection, readSections, type Section, WASM_HEADER } from './sections.ts'

/** The largest file that is read at all. */
export const MODULE_BYTES_MAX = 32 * 1_048_576

const PREFIX = 'infrafabric.'
const SIGNATURE = `${PREFIX}signature`

/** In the order in which they stand. */
const PARTS = ['kind', 'script', 'contract', 'description', 'examples', 'manifest'] as const
export type ModulePart = (typeof PARTS)[number]

/** The module's code: a script, or the binary of a core module. */
export type ModuleCode = { kind: 'script'; script: string } | { kind: 'wasm'; wasm: Uint8Array }

/** What is sealed beside the code, as JSON values. */
export type ModuleFacts = {
  contract: unknown
  description: unknown
  examples?: unknown
  manifest?: unknown
}

/** What a verified file holds; nothing of it was parsed but the signature. */
export interface OpenedModule {
  kind: GuestKind
  /** Of a core module: its own bytes, without what was added. */
  wasm: Uint8Array
  parts: ReadonlyMap<ModulePart, { text: string; offset: number }>
  /** SHA-256 of what is signed, lower-case hex. */
  digest: string
  signedBy: string
  /** The trusted key that signed it. */
  key: TrustedKey
}

/** Seals code and facts into one file, signed by this key (PKCS #8 PEM, Ed25519). */
export function sealModule(code: ModuleCode, facts: ModuleFacts, keyPem: string): Uint8Array {
  const texts: Record<ModulePart, string | undefined> = {
    kind: code.kind,
    script: code.kind === 'script' ? code.script : undefined,
    contract: canonicalJson(facts.contract),
    description: canonicalJson(facts.description),
    examples: facts.examples === undefined ? undefined : canonicalJson(facts.examples),
    manifest: facts.manifest === undefined ? undefined : canonicalJson(facts.manifest),
  }
  const sections = PARTS.flatMap((part) => {
    const text = texts[part]
    return text === undefined ? [] : [customSection(PREFIX + part, text)]
  })
  const signed = Buffer.concat([code.kind === 'wasm' ? code.wasm : WASM_HEADER, ...sections])
  return Buffer.concat([signed, signatureSection(signatureBy(keyPem, signed))])
}

/** Refuses a core module that already holds sections of ours, as it could be read in two ways. */
export function refuseSealed(wasm: Uint8Array, file: string): void {
  const own = readSections(wasm, file).find(({ name }) => name?.startsWith(PREFIX))
  if (!own) return
  throw invalidModule(file, `it holds a section ${own.name} already`, {
    offset: own.start,
    hint: 'Build from the compiled module, not from an .ifwasm file.',
  })
}

/** Verifies the signature and takes the file apart. IF_ERR_MODULE_INVALID or IF_ERR_MODULE_UNTRUSTED. */
export function openModule(
  bytes: Uint8Array,
  options: { file: string; trustedKeys: readonly TrustedKey[]; now?: Date },
): OpenedModule {
  const { file } = options
  if (bytes.length > MODULE_BYTES_MAX)
    throw invalidModule(file, `${bytes.length} bytes are more than a module may have (${MODULE_BYTES_MAX})`)
  const sections = readSections(bytes, file)
  const last = sections.at(-1)
  const seal = sections.find(({ name }) => name === SIGNATURE)
  if (!last || !seal) {
    throw untrustedModule(file, 'is not signed', `Build it into a signed module: ifab chassis build ${file}.`)
  }
  if (seal !== last) throw invalidModule(file, 'something stands after the signature', { offset: seal.end })
  const { digest, key } = checkSignature(bytes, seal, options)
  return { ...partsOf(bytes, sections.slice(0, -1), file), digest, key, signedBy: key.name }
}

const signatureSchema = z.strictObject({
  algorithm: z.literal('ed25519'),
  pubkey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  sig: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
})
type Signature = z.output<typeof signatureSchema>

const signatureSection = (signature: Signature): Uint8Array => customSection(SIGNATURE, canonicalJson(signature))

function signatureBy(keyPem: string, signed: Uint8Array): Signature {
  const key = signingKeyOf(keyPem)
  return {
    algorithm: 'ed25519',
    pubkey: rawPublicKey(key),
    sig: sign(null, Buffer.from(sha256Hex(signed), 'hex'), key).toString('base64'),
  }
}

function checkSignature(
  bytes: Uint8Array,
  seal: Section,
  { file, trustedKeys, now = new Date() }: { file: string; trustedKeys: readonly TrustedKey[]; now?: Date },
): { digest: string; key: TrustedKey } {
  const signature = signatureSchema.safeParse(jsonOf(textOf(bytes, seal)))
  // One signature has one form: no second file with other bytes may pass for the same.
  if (!signature.success || !Buffer.from(signatureSection(signature.data)).equals(bytes.subarray(seal.start)))
    throw invalidModule(file, 'the signature is not in its form', { offset: seal.start })
  const { pubkey, sig } = signature.data
  const key = trustedKeys.find(({ publicKey }) => publicKey === pubkey)
  if (!key) {
    const hint = 'If you know whose key it is, add it to trust/keys.yaml of your home; if not, do not use the module.'
    throw untrustedModule(file, `is signed by a key that is not trusted (${pubkey})`, hint)
  }
  refuseOutdated(file, key, now)
  const digest = sha256Hex(bytes.subarray(0, seal.start))
  if (!isSignedBy(key, digest, sig)) {
    const hint = 'Get the file again from where it was published, or build it again.'
    throw untrustedModule(file, `was altered after it was signed, or ${key.name} never signed it`, hint)
  }
  return { digest, key }
}

function refuseOutdated(file: string, { name, revokedAt, validFrom }: TrustedKey, now: Date): void {
  if (revokedAt !== undefined && new Date(revokedAt) <= now) {
    const hint = 'Get a release that is signed by the key of today.'
    throw untrustedModule(file, `is signed by ${name}, whose key was revoked at ${revokedAt}`, hint)
  }
  if (validFrom !== undefined && new Date(validFrom) > now)
    throw untrustedModule(file, `is signed by ${name}, whose key counts only from ${validFrom}`, 'Check the clock.')
}

function isSignedBy({ publicKey }: TrustedKey, digest: string, sig: string): boolean {
  const signature = Buffer.from(sig, 'base64')
  const isExact = signature.toString('base64') === sig // spare bits of the last character are zero
  return isExact && verify(null, Buffer.from(digest, 'hex'), publicKeyOf(publicKey), signature)
}

/** Own sections stand after all others, each once and in their order. */
function partsOf(
  bytes: Uint8Array,
  sections: readonly Section[],
  file: string,
): Pick<OpenedModule, 'kind' | 'wasm' | 'parts'> {
  const first = sections.findIndex(({ name }) => name?.startsWith(PREFIX))
  const parts = new Map<ModulePart, { text: string; offset: number }>()
  let place = -1
  for (const section of first < 0 ? [] : sections.slice(first)) {
    const part = PARTS.findIndex((known) => section.name === PREFIX + known)
    const known = PARTS[part]
    if (!known)
      throw invalidModule(file, `unknown section ${section.name ?? `of kind ${section.id}`}`, { offset: section.start })
    if (part <= place)
      throw invalidModule(file, `the section ${section.name} stands twice or in the wrong place`, {
        offset: section.start,
      })
    place = part
    parts.set(known, { text: textOf(bytes, section, file), offset: section.contentStart })
  }
  const kind = parts.get('kind')
  if (kind?.text !== 'script' && kind?.text !== 'wasm')
    throw invalidModule(file, 'expected a section infrafabric.kind that says script or wasm', {
      offset: kind?.offset ?? WASM_HEADER.length,
    })
  const wasm = bytes.subarray(0, sections[first]?.start)
  if (kind.text === 'script' && wasm.length > WASM_HEADER.length)
    throw invalidModule(file, 'a script has no other sections', { offset: WASM_HEADER.length })
  if (parts.has('script') !== (kind.text === 'script'))
    throw invalidModule(file, 'a section infrafabric.script stands in scripts, and only there', { offset: kind.offset })
  return { kind: kind.text, wasm, parts }
}

function textOf(bytes: Uint8Array, { contentStart, end, name }: Section, file?: string): string {
  const content = bytes.subarray(contentStart, end)
  if (file === undefined) return Buffer.from(content).toString('utf8')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch (cause) {
    throw invalidModule(file, `the section ${name} is not UTF-8`, { offset: contentStart, cause })
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller says what was expected
  }
}
