// What every scheme needs: time, bytes compared without telling where they differ, keys and signatures read from text.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { HookDelivery } from './delivery.ts'
import { HookFault, type HookPart, joinParts, type PartFacts, valuesOf } from './part.ts'
import type { HookEncoding, HookHash, HookKeyForm, HookKeys, HookTime, KeySaid } from './scheme.ts'

/** What a delivery is proven with. */
export interface ProofFacts extends PartFacts {
  /** Milliseconds. */
  now: number
  /** The text of a published key's answer; undefined where what the delivery says can't be the vendor's. */
  published: (keys: HookKeys, said: KeySaid) => Promise<string | undefined>
}

export const DEFAULT_WINDOW_SECONDS = 300

/** Refuses a delivery that was made too long ago, or in the future. */
export function checkTime(at: HookTime | undefined, { delivery, now }: Pick<ProofFacts, 'delivery' | 'now'>): void {
  if (!at) return
  const text = valuesOf(at.from, delivery)[0]
  const made = text === undefined ? Number.NaN : madeAt(text, at.unit)
  if (Number.isNaN(made)) throw new HookFault('it does not say when it was made')
  checkWindow(made, now, at.windowSeconds)
}

export function checkWindow(madeMs: number, nowMs: number, windowSeconds = DEFAULT_WINDOW_SECONDS): void {
  const off = Math.round((nowMs - madeMs) / 1000)
  if (Math.abs(off) <= windowSeconds) return
  throw new HookFault(
    off > 0
      ? `it was made ${off} s ago, more than ${windowSeconds} s`
      : `it says that it was made ${-off} s in the future`,
  )
}

function madeAt(text: string, unit: HookTime['unit']): number {
  if (unit === 'date') return Date.parse(text)
  if (!/^\d{1,16}$/.test(text)) return Number.NaN
  return unit === 'seconds' ? Number(text) * 1000 : Number(text)
}

/** In a time that tells nothing of where they differ, nor of their lengths. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** Every given signature that can be read as bytes; a fault where there is none. */
export function givenSignatures(
  source: Parameters<typeof valuesOf>[0],
  delivery: HookDelivery,
  encoding: HookEncoding,
): Buffer[] {
  // A vendor gives two or three at a key change; who gives thousands wants to cost time.
  const given = valuesOf(source, delivery).slice(0, MOST_SIGNATURES)
  const read = given.flatMap((text) => decodeSignature(text, encoding) ?? [])
  if (read.length === 0) throw new HookFault(given.length === 0 ? 'it has no signature' : 'its signature is unreadable')
  return read
}

const MOST_SIGNATURES = 20

export function decodeSignature(text: string, encoding: HookEncoding): Buffer | undefined {
  if (encoding === 'hex') return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return encoding === 'base64' ? bytes : decodeSignature(bytes.toString('latin1'), 'hex')
}

/** The keys of a secret: several, between spaces, while one is exchanged for another. */
export function keysOf(name: string, form: HookKeyForm, facts: PartFacts): Buffer[] {
  return secretOf(name, facts)
    .trim()
    .split(/\s+/)
    .map((text) => keyOf(text, form, name))
}

export function keyOf(text: string, form: HookKeyForm, name: string): Buffer {
  const key = keyBytes(text, form)
  if (key.length === 0) throw new HookFault(`the secret ${name} is no key`)
  return key
}

function keyBytes(text: string, form: HookKeyForm): Buffer {
  switch (form) {
    case 'utf8':
      return Buffer.from(text)
    case 'hex':
      return Buffer.from(text, 'hex')
    case 'base64':
      return Buffer.from(text, 'base64')
    case 'whsec':
      return text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : Buffer.from(text)
    case 'sha1':
      return createHash('sha1').update(text).digest()
  }
}

export function secretOf(name: string, { secret }: PartFacts): string {
  const value = secret(name)
  if (value === undefined || value === '') throw new HookFault(`the secret ${name} is missing`)
  return value
}

export const hmac = (hash: HookHash, key: Uint8Array, over: readonly HookPart[], facts: PartFacts): Buffer =>
  createHmac(hash, key).update(joinParts(over, facts)).digest()
