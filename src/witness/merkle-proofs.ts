// Inclusion and consistency proofs of RFC 9162: made from the leaf hashes, checked with nothing but the proof.
import { Frontier, nodeHash } from './merkle.ts'

/** The hashes that lead from one leaf to the root of the tree over all leaves. */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return []
  const split = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...inclusionProof(left, index), rootOf(right)]
    : [...inclusionProof(right, index - split), rootOf(left)]
}

/** The hashes that show that the tree over the first `oldSize` leaves is a prefix of the tree over all. */
export const consistencyProof = (leaves: readonly Buffer[], oldSize: number): Buffer[] =>
  oldSize === 0 ? [] : subproof(leaves, oldSize, true)

function subproof(leaves: readonly Buffer[], oldSize: number, isWhole: boolean): Buffer[] {
  if (oldSize === leaves.length) return isWhole ? [] : [rootOf(leaves)]
  const split = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return oldSize <= split
    ? [...subproof(left, oldSize, isWhole), rootOf(right)]
    : [...subproof(right, oldSize - split, false), rootOf(left)]
}

export interface InclusionClaim {
  leaf: Buffer
  index: number
  size: number
  proof: readonly Buffer[]
  root: Buffer
}

/** RFC 9162 section 2.1.3.2. */
export function isIncluded({ leaf, index, size, proof, root }: InclusionClaim): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
  let position = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      hash = nodeHash(sibling, hash)
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)]
    } else hash = nodeHash(hash, sibling)
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && hash.equals(root)
}

export interface ConsistencyClaim {
  oldSize: number
  oldRoot: Buffer
  newSize: number
  newRoot: Buffer
  proof: readonly Buffer[]
}

/** RFC 9162 section 2.1.4.2; a tree is consistent with itself and with the empty tree by an empty proof. */
export function isConsistent({ oldSize, oldRoot, newSize, newRoot, proof }: ConsistencyClaim): boolean {
  if (oldSize < 0 || oldSize > newSize) return false
  if (oldSize === newSize) return proof.length === 0 && oldRoot.equals(newRoot)
  if (oldSize === 0) return proof.length === 0 && oldRoot.equals(new Frontier().root())
  const isPowerOfTwo = oldSize === 2 * largestPowerBelow(oldSize) || oldSize === 1
  const [first, ...path] = isPowerOfTwo ? [oldRoot, ...proof] : proof
  if (!first) return false
  let position = oldSize - 1
  let last = newSize - 1
  while (isOdd(position)) [position, last] = [half(position), half(last)]
  let [oldHash, newHash] = [first, first]
  for (const sibling of path) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      oldHash = nodeHash(sibling, oldHash)
      newHash = nodeHash(sibling, newHash)
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)]
    } else newHash = nodeHash(newHash, sibling)
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot)
}

const rootOf = (leaves: readonly Buffer[]): Buffer => new Frontier().append(leaves).root()

/** The largest power of two smaller than n; 1 for n ≤ 2. */
function largestPowerBelow(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

const isOdd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)
