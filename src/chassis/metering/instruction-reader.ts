// Reads the instructions of a function body one by one. It checks what later steps rely on: that an opcode is known, that
// its immediates are all there, and that none of them names a memory other than the first.
import type { ByteReader } from './byte-reader.ts'
import { featureOf, type Immediates, immediatesOf, isPrefix } from './opcodes.ts'
import { hex, refuseFeature, refuseModule } from './refuse-module.ts'
import { isValueType, readReferenceType, readValueType } from './value-type.ts'

const EMPTY_BLOCK = 0x40
/** In an alignment: an index of a memory follows. */
const HAS_MEMORY_INDEX = 0x40

export class InstructionReader {
  readonly #reader: ByteReader
  /** Where the instruction starts. */
  at = 0
  /** As in OP. */
  opcode = 0
  immediates: Immediates = 'none'
  /** The first index among its immediates: function, local, global, type, table, segment; of a block its type's, or -1. */
  index = 0
  /** Of `br`, `br_if` and `br_table`: where they go, as numbers of blocks outwards. */
  labels: readonly number[] = []

  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  /** Reads one instruction into the fields, which the next one overwrites. */
  next(): void {
    this.at = this.#reader.offset
    this.#readOpcode()
    this.#readImmediates()
  }

  #readOpcode(): void {
    const first = this.#reader.byte('instruction')
    const number = isPrefix(first) ? this.#reader.u32('opcode') : 0
    const opcode = isPrefix(first) ? first * 0x100 + number : first
    const immediates = number <= 0xff ? immediatesOf(opcode) : undefined
    if (immediates === undefined) this.#refuseOpcode(first, number)
    this.opcode = opcode
    this.immediates = immediates
  }

  #refuseOpcode(first: number, number: number): never {
    const shown = `opcode ${hex(first)}${isPrefix(first) ? ` ${hex(number)}` : ''}`
    const feature = featureOf(first, number)
    if (feature !== undefined) refuseFeature(this.at, shown, feature)
    refuseModule(this.at, `${shown} is unknown`)
  }

  #readImmediates(): void {
    const reader = this.#reader
    switch (this.immediates) {
      case 'none':
        return
      case 'block':
        this.index = this.#blockType()
        return
      case 'label':
        this.labels = [reader.u32('label')]
        return
      case 'labels':
        this.labels = Array.from({ length: reader.count('labels') + 1 }, () => reader.u32('label'))
        return
      case 'function':
      case 'local':
      case 'global':
      case 'index':
        this.index = reader.u32('index')
        return
      case 'indirect':
      case 'index-index':
        this.index = reader.u32('index')
        reader.u32('second index')
        return
      case 'types':
        for (let left = reader.count('types of select'); left > 0; left--) readValueType(reader)
        return
      case 'index-memory':
        this.index = reader.u32('index')
        this.#firstMemory()
        return
      case 'memory':
        this.#firstMemory()
        return
      case 'memory-memory':
        this.#firstMemory()
        this.#firstMemory()
        return
      case 'address':
        this.#address()
        return
      case 'address-lane':
        this.#address()
        reader.byte('lane')
        return
      case 'lane':
        reader.byte('lane')
        return
      case 'i32':
        reader.signed(32, 'constant')
        return
      case 'i64':
        reader.signed(64, 'constant')
        return
      case '4-bytes':
        reader.take(4, 'constant')
        return
      case '8-bytes':
        reader.take(8, 'constant')
        return
      case '16-bytes':
        reader.take(16, 'constant')
        return
      case 'reference-type':
        readReferenceType(reader)
        return
      default:
        this.immediates satisfies never
    }
  }

  #blockType(): number {
    const at = this.#reader.offset
    const first = this.#reader.byte('type of a block')
    if (first === EMPTY_BLOCK || isValueType(first)) return -1
    this.#reader.offset = at
    const index = this.#reader.signed(33, 'type of a block')
    if (index < 0) refuseModule(at, `type of a block expected, found ${hex(first)}`)
    return index
  }

  #firstMemory(): void {
    const at = this.#reader.offset
    if (this.#reader.byte('index of a memory') !== 0) refuseFeature(at, 'index of a second memory', 'multi-memory')
  }

  #address(): void {
    const at = this.#reader.offset
    const align = this.#reader.u32('alignment')
    if (align & HAS_MEMORY_INDEX) refuseFeature(at, 'index of a memory', 'multi-memory')
    this.#reader.u32('offset of an address')
  }
}
