// The Merkle tree of RFC 6962 (RFC 9162 section 2.1): leaf and node hashes, and the compact frontier that is all a log
// has to keep in order to append. Proofs are in merkle-proofs.ts.
import { hash } from 'node:crypto'

const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])

const sha256 = (bytes: Buffer | string): Buffer => hash('sha256', bytes, 'buffer')

/** SHA-256(0x00 || the leaf's bytes); a text stands for its UTF-8 bytes. */
export const leafHash = (leaf: string | Uint8Array): Buffer =>
  sha256(typeof leaf === 'string' ? `\0${leaf}` : Buffer.concat([LEAF, leaf]))

/** SHA-256(0x01 || left || right). */
export const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.concat([NODE, left, right]))

/** The root of the tree without leaves. */
export const EMPTY_ROOT: Buffer = sha256(Buffer.alloc(0))

/** The complete subtrees of a tree, largest first: one for each bit of its size. */
export class Frontier {
  readonly size: number
  readonly hashes: readonly Buffer[]

  constructor(size = 0, hashes: readonly Buffer[] = []) {
    this.size = size
    this.hashes = hashes
  }

  /** The frontier after some more leaves; this one stays as it is. */
  append(leaves: readonly Buffer[]): Frontier {
    const hashes = [...this.hashes]
    let size = this.size
    for (const leaf of leaves) {
      let subtree = leaf
      for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) {
        subtree = nodeHash(hashes.pop() as Buffer, subtree) // a set bit has its subtree
      }
      hashes.push(subtree)
      size++
    }
    return new Frontier(size, hashes)
  }

  root(): Buffer {
    return this.hashes.length === 0 ? EMPTY_ROOT : this.hashes.reduceRight((right, left) => nodeHash(left, right))
  }
}
