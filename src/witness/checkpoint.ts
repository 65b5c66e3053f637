// Signed tree heads in the C2SP formats tlog-checkpoint and signed-note, so that other people's verifiers read them:
//   <origin>\n<size>\n<base64 root>\n\n— <key name> <base64(key id || ed25519 signature)>\n
import { type KeyObject, sign, verify } from 'node:crypto'
import type { LogIdentity } from './log-identity.ts'

export interface TreeHead {
  /** Entries in the log. */
  size: number
  root: Buffer
}

/** The signed note for a tree head. */
export function signCheckpoint(head: TreeHead, identity: LogIdentity, privateKey: KeyObject): string {
  const text = `${identity.origin}\n${head.size}\n${head.root.toString('base64')}\n`
  const signature = Buffer.concat([identity.keyId, sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${identity.origin} ${signature.toString('base64')}\n`
}

/** The tree head of a checkpoint that this log signed, or in words why it is none. Other signatures are ignored. */
export function readCheckpoint(note: string, identity: LogIdentity): TreeHead | string {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return 'it is not a signed note'
  const text = note.slice(0, end + 1)
  const [origin, size = '', root = ''] = text.split('\n')
  if (origin !== identity.origin) return `it is of the log ${JSON.stringify(origin)}, not ${identity.origin}`
  const head = { size: Number(size), root: Buffer.from(root, 'base64') }
  const isExact = /^(0|[1-9]\d*)$/.test(size) && head.root.length === 32 && head.root.toString('base64') === root
  if (!isExact) return 'its size or root is malformed'
  const signatures = note
    .slice(end + 2)
    .split('\n')
    .slice(0, -1)
    .map(parseSignature)
  if (signatures.includes(undefined)) return 'a signature line is malformed'
  const own = signatures.filter((line) => line?.name === identity.origin && line.keyId.equals(identity.keyId))
  if (own.length === 0) return "it has no signature by the log's key"
  const isValid = own.every((line) => line && verify(null, Buffer.from(text), identity.publicKey, line.signature))
  return isValid ? head : "the signature is not the log key's"
}

function parseSignature(line: string): { name: string; keyId: Buffer; signature: Buffer } | undefined {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (!name || bytes.length <= 4 || bytes.toString('base64') !== encoded) return undefined
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}
