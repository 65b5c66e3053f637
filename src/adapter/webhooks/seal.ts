// WeChat's encrypted bodies: AES-256-CBC with the key's own first bytes as IV, around a length, the message and the app id.
// https://developers.weixin.qq.com/doc/oplatform/en/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
import { createDecipheriv } from 'node:crypto'
import type { JsonValue } from '../../foundation/index.ts'
import { decodeJson } from '../json.ts'
import { decodeXml } from '../xml.ts'
import type { HookDelivery } from './delivery.ts'
import { HookFault, memberAt, type PartFacts, textOfPart } from './part.ts'
import { isEqual, secretOf } from './proof.ts'
import type { HookSeal } from './webhooks.ts'

const BLOCK = 32
const RANDOM = 16
const LENGTH = 4

/** The delivery with its body open. Its bytes and text stay what came, as the proof is about them. */
export function openSeal({ key, appId, field }: HookSeal, facts: PartFacts): HookDelivery {
  const { delivery } = facts
  const sealed = memberAt(delivery.body, field)
  if (typeof sealed !== 'string' || sealed === '') return delivery
  const opened = decrypt(Buffer.from(sealed, 'base64'), Buffer.from(`${secretOf(key.secret, facts)}=`, 'base64'))
  const plain = withoutPadding(opened)
  const start = RANDOM + LENGTH
  const length = plain.length < start ? -1 : plain.readUInt32BE(RANDOM)
  if (length < 0 || start + length > plain.length) throw unopened()
  if (!isEqual(plain.subarray(start + length), Buffer.from(textOfPart(appId, facts)))) {
    throw new HookFault('it is for another app')
  }
  return { ...delivery, body: decoded(plain.subarray(start, start + length).toString('utf8')) }
}

function decrypt(cipherText: Buffer, key: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([decipher.update(cipherText), decipher.final()])
  } catch {
    throw unopened() // a key or text of a wrong length
  }
}

/** PKCS #7 with blocks of 32 bytes. */
function withoutPadding(bytes: Buffer): Buffer {
  const count = bytes.at(-1) ?? 0
  if (count < 1 || count > BLOCK || count > bytes.length) throw unopened()
  return bytes.subarray(0, bytes.length - count)
}

function decoded(text: string): JsonValue {
  try {
    return text.startsWith('{') ? decodeJson(text) : decodeXml(text)
  } catch {
    throw unopened()
  }
}

const unopened = (): HookFault => new HookFault('its body does not open with the key of this instance')
