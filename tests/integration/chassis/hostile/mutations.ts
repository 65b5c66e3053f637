// What a fuzzer does to bytes and to text: flips, cuts, inserts, copies of pieces, sections that change places, numbers that
// are spelt longer than they need or say more than there is. The same chance, the same mutant.
import type { Chance } from '../../../support/chance.ts'

/** Values that mean much: ends, blocks, prefixes, all ones, the bit that continues a number. */
const TELLING = [
  0, 1, 2, 3, 4, 0x0b, 0x0c, 0x0d, 0x10, 0x11, 0x3f, 0x40, 0x6f, 0x70, 0x7f, 0x80, 0xfc, 0xfd, 0xff,
] as const
const HEADER = 8
/** Id of the code section. */
const CODE = 10

type Mutation = (bytes: Buffer, at: number, chance: Chance) => Buffer

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  (bytes, at, chance) => replace(bytes, at, 1, Buffer.of(chance.between(0, 255))),
  (bytes, at, chance) => replace(bytes, at, 1, Buffer.of(chance.pick([0, ...TELLING]))),
  (bytes, at, chance) => replace(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << chance.between(0, 7)))),
  (bytes, at, chance) => replace(bytes, at, 1, Buffer.of((bytes[at] ?? 0) + chance.pick([1, 255, 127]))),
  (bytes, at, chance) => replace(bytes, at, 0, Buffer.of(chance.pick([0, ...TELLING]))),
  (bytes, at, chance) => replace(bytes, at, chance.between(1, 4), Buffer.alloc(0)),
  // A piece again, at its own place or at another.
  (bytes, at, chance) => replace(bytes, at, 0, bytes.subarray(at, at + chance.between(1, 32))),
  (bytes, at, chance) =>
    replace(bytes, chance.between(0, bytes.length), 0, bytes.subarray(at, at + chance.between(1, 64))),
  // A number that is spelt longer, as linkers do, longer than it may be, or is as large as it can be.
  (bytes, at) => replace(bytes, at, 1, Buffer.of((bytes[at] ?? 0) | 0x80, 0)),
  (bytes, at) => replace(bytes, at, 1, Buffer.of((bytes[at] ?? 0) | 0x80, 0x80, 0x80, 0x80, 0x80, 0)),
  (bytes, at, chance) => replace(bytes, at, 1, Buffer.of(0xff, 0xff, 0xff, 0xff, chance.pick([0x07, 0x0f, 0x7f]))),
  (bytes, at, chance) => (chance.next() < 0.2 ? bytes.subarray(0, at) : bytes),
  swapSections,
  repeatSection,
]

/** A mutant, a change or a few away. */
export function mutated(seed: Uint8Array, chance: Chance, most = chance.pick([1, 1, 1, 2, 4])): Buffer {
  let bytes: Buffer = Buffer.from(seed)
  for (let left = chance.between(1, most); left > 0; left--) {
    bytes = chance.pick(MUTATIONS)(bytes, placeIn(bytes, chance), chance)
  }
  return bytes
}

/** A text with characters and words of it moved, doubled, lost. */
export function mutatedText(text: string, chance: Chance): string {
  const words = text.split(/(\b)/)
  for (let left = chance.between(1, 4); left > 0; left--) {
    const at = chance.between(0, words.length - 1)
    const other = words[chance.between(0, words.length - 1)] ?? ''
    const put = chance.pick<readonly string[]>([[other], [other, other], [], ['\0'], ['{'], ['}'], ['-1e999'], ['"']])
    words.splice(at, chance.between(0, 2), ...put)
  }
  return words.join('')
}

/** Mostly in code; a change elsewhere is mostly refused. */
function placeIn(bytes: Buffer, chance: Chance): number {
  const last = Math.max(0, bytes.length - 1)
  if (chance.next() < 0.02) return chance.between(0, last)
  if (chance.next() < 0.3) return chance.between(Math.min(HEADER, last), last)
  const code = sectionsOf(bytes).find(([id]) => id === CODE)
  const start = code ? code.byteOffset - bytes.byteOffset : 0
  return start + chance.between(0, Math.max(0, (code?.length ?? bytes.length) - 1))
}

const replace = (bytes: Buffer, at: number, length: number, by: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])

function swapSections(bytes: Buffer, _at: number, chance: Chance): Buffer {
  const sections = sectionsOf(bytes)
  const [one, other] = [chance.between(0, sections.length - 1), chance.between(0, sections.length - 1)]
  const [first, second] = [sections[one], sections[other]]
  if (!first || !second) return bytes
  sections[one] = second
  sections[other] = first
  return Buffer.concat([bytes.subarray(0, HEADER), ...sections])
}

function repeatSection(bytes: Buffer, _at: number, chance: Chance): Buffer {
  const sections = sectionsOf(bytes)
  const again = sections[chance.between(0, sections.length - 1)]
  if (!again) return bytes
  sections.splice(chance.between(0, sections.length), chance.between(0, 1), again)
  return Buffer.concat([bytes.subarray(0, HEADER), ...sections])
}

/** As far as they can be told apart. */
function sectionsOf(bytes: Buffer): Buffer[] {
  const sections: Buffer[] = []
  for (let at = HEADER; at < bytes.length; ) {
    let size = 0
    let next = at + 1
    for (let shift = 0; next < bytes.length && shift < 35; shift += 7) {
      const byte = bytes[next++] ?? 0
      size += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    sections.push(bytes.subarray(at, next + size))
    at = next + size
  }
  return sections
}
