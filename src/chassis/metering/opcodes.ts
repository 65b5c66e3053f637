// What follows each opcode: the immediates of WebAssembly 2.0 (MVP, sign extension, saturating truncation, bulk memory,
// reference types, multi-value, SIMD) and tail calls. An opcode that is not here is refused, by the name of its feature
// where it is known.
export type Immediates =
  | 'none'
  | 'block'
  | 'label'
  | 'labels'
  | 'function'
  | 'indirect'
  | 'types'
  | 'local'
  | 'global'
  | 'index'
  | 'index-index'
  | 'index-memory'
  | 'memory'
  | 'memory-memory'
  | 'address'
  | 'address-lane'
  | 'lane'
  | 'i32'
  | 'i64'
  | '4-bytes'
  | '8-bytes'
  | '16-bytes'
  | 'reference-type'

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  localGet: 0x20,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32LtS: 0x48,
  i64LtS: 0x53,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  refNull: 0xd0,
  refFunc: 0xd2,
  // Behind a prefix: prefix × 256 + number.
  memoryInit: 0xfc08,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
  tableInit: 0xfc0c,
  tableCopy: 0xfc0e,
  tableGrow: 0xfc0f,
  tableFill: 0xfc11,
  v128Const: 0xfd0c,
} as const

type Row = [first: number, last: number, immediates: Immediates]

const PLAIN: Row[] = [
  [0x00, 0x01, 'none'], // unreachable, nop
  [0x02, 0x04, 'block'], // block, loop, if
  [0x05, 0x05, 'none'], // else
  [0x0b, 0x0b, 'none'], // end
  [0x0c, 0x0d, 'label'], // br, br_if
  [0x0e, 0x0e, 'labels'], // br_table
  [0x0f, 0x0f, 'none'], // return
  [0x10, 0x10, 'function'], // call
  [0x11, 0x11, 'indirect'], // call_indirect
  [0x12, 0x12, 'function'], // return_call
  [0x13, 0x13, 'indirect'], // return_call_indirect
  [0x1a, 0x1b, 'none'], // drop, select
  [0x1c, 0x1c, 'types'], // select of a type
  [0x20, 0x22, 'local'], // local.get, set, tee
  [0x23, 0x24, 'global'], // global.get, set
  [0x25, 0x26, 'index'], // table.get, set
  [0x28, 0x3e, 'address'], // loads and stores
  [0x3f, 0x40, 'memory'], // memory.size, grow
  [0x41, 0x41, 'i32'],
  [0x42, 0x42, 'i64'],
  [0x43, 0x43, '4-bytes'],
  [0x44, 0x44, '8-bytes'],
  [0x45, 0xc4, 'none'], // comparisons, arithmetic, conversions, sign extension
  [0xd0, 0xd0, 'reference-type'], // ref.null
  [0xd1, 0xd1, 'none'], // ref.is_null
  [0xd2, 0xd2, 'function'], // ref.func
]

const BEHIND_FC: Row[] = [
  [0, 7, 'none'], // saturating truncation
  [8, 8, 'index-memory'], // memory.init
  [9, 9, 'index'], // data.drop
  [10, 10, 'memory-memory'], // memory.copy
  [11, 11, 'memory'], // memory.fill
  [12, 12, 'index-index'], // table.init
  [13, 13, 'index'], // elem.drop
  [14, 14, 'index-index'], // table.copy
  [15, 17, 'index'], // table.grow, size, fill
]

const BEHIND_FD: Row[] = [
  [0x00, 0x0b, 'address'],
  [0x0c, 0x0d, '16-bytes'], // v128.const, i8x16.shuffle
  [0x0e, 0x14, 'none'],
  [0x15, 0x22, 'lane'],
  [0x23, 0x53, 'none'],
  [0x54, 0x5b, 'address-lane'],
  [0x5c, 0x5d, 'address'],
  [0x5e, 0xff, 'none'],
]

/** Numbers between SIMD's that stand for nothing. */
const NOT_SIMD = [
  0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2,
  0xee,
]

/** Behind no prefix, behind 0xfc, behind 0xfd. */
const TABLES = [table(PLAIN, []), table(BEHIND_FC, []), table(BEHIND_FD, NOT_SIMD)]

const FEATURES: [first: number, last: number, feature: string][] = [
  [0x06, 0x0a, 'exceptions'],
  [0x14, 0x15, 'typed references'],
  [0x18, 0x19, 'exceptions'],
  [0x1f, 0x1f, 'exceptions'],
  [0xd3, 0xd6, 'GC and typed references'],
  [0xfb, 0xfb, 'GC'],
  [0xfe, 0xfe, 'threads'],
]

export const isPrefix = (byte: number): boolean => byte === 0xfc || byte === 0xfd

/** `opcode`: as in OP. */
export function immediatesOf(opcode: number): Immediates | undefined {
  const prefix = opcode >> 8
  return TABLES[prefix === 0 ? 0 : prefix - 0xfb]?.[opcode & 0xff]
}

/** What an opcode that is refused belongs to; `number`: behind a prefix. */
export function featureOf(first: number, number: number): string | undefined {
  if (first === 0xfd && number > 0xff) return 'relaxed SIMD'
  return FEATURES.find(([from, to]) => first >= from && first <= to)?.[2]
}

function table(rows: Row[], holes: number[]): (Immediates | undefined)[] {
  const all = new Array<Immediates | undefined>(256).fill(undefined)
  for (const [first, last, immediates] of rows) all.fill(immediates, first, last + 1)
  for (const hole of holes) all[hole] = undefined
  return all
}
