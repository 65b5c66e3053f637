// The tree against RFC 6962's published vectors, and its proofs against the tree.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY_ROOT, Frontier, leafHash, nodeHash } from '../../../src/witness/merkle.ts'
import { consistencyProof, inclusionProof, isConsistent, isIncluded } from '../../../src/witness/merkle-proofs.ts'

// Leaves and roots of the reference tree in the Certificate Transparency sources.
const REFERENCE_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => leafHash(Buffer.from(hex, 'hex')))

const REFERENCE_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const rootOf = (leaves: Buffer[]) => new Frontier().append(leaves).root()

/** The definition of RFC 6962 section 2.1, as slow as it reads. */
function slowRoot(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT
  if (leaves.length === 1) return leaves[0] ?? EMPTY_ROOT
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(slowRoot(leaves.slice(0, split)), slowRoot(leaves.slice(split)))
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, at) => leafHash(`leaf ${at}`))

test.each(REFERENCE_ROOTS.map((root, size) => [size, root] as const))(
  'the root over the first %i reference leaves is the published one',
  (size, root) => {
    expect(rootOf(REFERENCE_LEAVES.slice(0, size)).toString('hex')).toBe(root)
  },
)

test('a text is hashed as its UTF-8 bytes', () => {
  expect(leafHash('naïve — 東京')).toEqual(leafHash(Buffer.from('naïve — 東京')))
})

test('a tree that grew in pieces has the root of the definition', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }), (pieces) => {
      const leaves = leavesOf(pieces.reduce((sum, piece) => sum + piece, 0))
      let at = 0
      let frontier = new Frontier()
      for (const piece of pieces) {
        frontier = frontier.append(leaves.slice(at, at + piece))
        at += piece
      }

      expect(frontier.size).toBe(leaves.length)
      expect(frontier.root()).toEqual(slowRoot(leaves))
    }),
  )
})

describe('an inclusion proof', () => {
  const place = fc
    .integer({ min: 1, max: 130 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }))

  test('holds for every entry of every tree', () => {
    fc.assert(
      fc.property(place, ({ size, index }) => {
        const leaves = leavesOf(size)
        const leaf = leaves[index] ?? EMPTY_ROOT

        expect(isIncluded({ leaf, index, size, proof: inclusionProof(leaves, index), root: rootOf(leaves) })).toBe(true)
      }),
    )
  })

  test('fails for another entry, place, size, root or a changed hash', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ size, index }, pick) => {
        const leaves = leavesOf(size)
        const proof = inclusionProof(leaves, index)
        const claim = { leaf: leaves[index] ?? EMPTY_ROOT, index, size, proof, root: rootOf(leaves) }
        const changed = proof.map((hash, at) => (at === pick % proof.length ? leafHash(hash) : hash))

        expect(isIncluded({ ...claim, leaf: leafHash('another') })).toBe(false)
        expect(isIncluded({ ...claim, index: size })).toBe(false)
        expect(isIncluded({ ...claim, index: -1 })).toBe(false)
        if (size > 1) expect(isIncluded({ ...claim, index: (index + 1) % size })).toBe(false)
        expect(isIncluded({ ...claim, root: leafHash('another') })).toBe(false)
        expect(isIncluded({ ...claim, proof: [...proof, EMPTY_ROOT] })).toBe(false)
        if (proof.length > 0) {
          expect(isIncluded({ ...claim, proof: changed })).toBe(false)
          expect(isIncluded({ ...claim, proof: proof.slice(1) })).toBe(false)
        }
      }),
    )
  })
})

describe('a consistency proof', () => {
  const sizes = fc
    .integer({ min: 0, max: 130 })
    .chain((newSize) => fc.record({ newSize: fc.constant(newSize), oldSize: fc.nat(newSize) }))

  test('holds for every prefix of every tree', () => {
    fc.assert(
      fc.property(sizes, ({ oldSize, newSize }) => {
        const leaves = leavesOf(newSize)
        const [oldRoot, newRoot] = [rootOf(leaves.slice(0, oldSize)), rootOf(leaves)]
        const proof = consistencyProof(leaves, oldSize)

        expect(isConsistent({ oldSize, oldRoot, newSize, newRoot, proof })).toBe(true)
      }),
    )
  })

  test('fails when the old tree was not a prefix, or the proof was changed', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ oldSize, newSize }, pick) => {
        const leaves = leavesOf(newSize)
        const [oldRoot, newRoot] = [rootOf(leaves.slice(0, oldSize)), rootOf(leaves)]
        const proof = consistencyProof(leaves, oldSize)
        const claim = { oldSize, oldRoot, newSize, newRoot, proof }
        const changed = proof.map((hash, at) => (at === pick % proof.length ? leafHash(hash) : hash))

        expect(isConsistent({ ...claim, oldRoot: leafHash('another') })).toBe(false)
        expect(isConsistent({ ...claim, oldSize: newSize + 1 })).toBe(false)
        expect(isConsistent({ ...claim, proof: [...proof, EMPTY_ROOT] })).toBe(false)
        if (oldSize > 0) expect(isConsistent({ ...claim, newRoot: leafHash('another') })).toBe(false)
        if (proof.length > 0) {
          expect(isConsistent({ ...claim, proof: changed })).toBe(false)
          expect(isConsistent({ ...claim, proof: [] })).toBe(false)
        }
      }),
    )
  })
})
