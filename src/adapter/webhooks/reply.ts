// What is answered to a vendor, as bytes; the only place where a reply's secrets are used.
import { sign } from 'node:crypto'
import { joinParts, type PartFacts, secretsIn } from './part.ts'
import { hmac, keyOf, secretOf } from './proof.ts'
import { seededKey } from './signature.ts'
import type { HookReply, ReplyPart } from './webhooks.ts'

/** Ready to be written. */
export interface HookAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

export function answerOf(reply: HookReply, facts: PartFacts): HookAnswer {
  const { status = 200, headers = {}, text, json, parts } = reply
  const body =
    json === undefined ? (text ?? parts?.map((part) => textOf(part, facts)).join('') ?? '') : JSON.stringify(json)
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
  const isNamed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  return { status, body, headers: { ...(body === '' || isNamed ? {} : { 'content-type': type }), ...headers } }
}

/** Names of the secrets that a reply needs. */
export const secretsOfReply = ({ parts = [] }: HookReply): string[] =>
  parts.flatMap((part) => {
    if (typeof part === 'object' && 'hmac' in part) return [part.key.secret, ...secretsIn(part.over)]
    if (typeof part === 'object' && 'seededEd25519' in part) return [part.seededEd25519.secret, ...secretsIn(part.over)]
    return secretsIn([part])
  })

function textOf(part: ReplyPart, facts: PartFacts): string {
  if (typeof part === 'object' && 'hmac' in part) {
    const { key, keyForm = 'utf8', over, encoding } = part
    const mac = hmac(part.hmac, keyOf(secretOf(key.secret, facts), keyForm, key.secret), over, facts)
    if (encoding === 'base64-of-hex') return Buffer.from(mac.toString('hex')).toString('base64')
    return mac.toString(encoding)
  }
  if (typeof part === 'object' && 'seededEd25519' in part) {
    const key = seededKey(secretOf(part.seededEd25519.secret, facts))
    return sign(null, joinParts(part.over, facts), key).toString('hex')
  }
  return joinParts([part], facts).toString('utf8')
}
