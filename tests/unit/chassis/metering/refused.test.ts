import { describe, expect, it } from 'vitest'
import { type MeterOptions, meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { refusalOf, wat } from './rig.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const TYPES = [1, 4, 1, 0x60, 0, 0]
const FUNCTIONS = [3, 2, 1, 0]

const binary = (...sections: number[][]): Uint8Array => Uint8Array.from([...HEADER, ...sections.flat()])
const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content]
/** A module with one function of these instructions, which begin at byte 23. */
const code = (...body: number[]): Uint8Array =>
  binary(TYPES, FUNCTIONS, section(10, 1, body.length + 2, 0, ...body, 0x0b))
const FIRST_INSTRUCTION = 23

type Case = [name: string, bytes: Uint8Array, said: string, offset: number, options?: Partial<MeterOptions>]

const FILES: Case[] = [
  ['nothing', new Uint8Array(0), 'not a wasm binary', 0],
  ['half a header', Uint8Array.of(0, 0x61, 0x73), 'not a wasm binary', 0],
  ['text', new TextEncoder().encode('(module (func))'), 'not a wasm binary', 0],
  ['a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), 'the component model', 4],
  ['another version', Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), 'version 1', 4],
  ['an unknown section', binary(section(14, 0)), 'section 14 is unknown', 8],
  ['a section twice', binary(TYPES, TYPES), 'section 1 is there twice or out of order', 14],
  ['sections out of order', binary(section(6, 0), section(2, 0)), 'section 2 is there twice or out of order', 11],
  ['a section longer than the file', binary([1, 100, 0]), '100 bytes expected, found 1', 10],
  ['a section shorter than its content', binary([1, 3, 1, 0x60, 0, 0]), 'size of a section expected', 14],
  ['a section longer than its content', binary(section(1, 0, 0, 0)), '2 bytes are left', 11],
  ['a size that is over-long', binary([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), 'not a LEB128 number of 32 bits', 9],
  ['a size beyond 32 bits', binary([1, 0xff, 0xff, 0xff, 0xff, 0x1f]), 'not a LEB128 number of 32 bits', 9],
  [
    'a list longer than its section',
    binary(section(1, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    '4294967295 types announced',
    10,
  ],
  ['a custom section without a name', binary(section(0)), 'length of name of a custom section', 10],
  ['a custom section with a name that is not UTF-8', binary(section(0, 1, 0xff)), 'is not UTF-8', 11],
  ['more functions than bodies', binary(TYPES, FUNCTIONS, section(10, 0)), 'code of 0 functions, declared are 1', 20],
  ['bodies without functions', binary(section(10, 1, 2, 0, 0x0b)), 'code of 1 functions, declared are 0', 10],
  ['a type that does not exist', binary(TYPES, section(3, 1, 1)), 'type 1 does not exist', 17],
  ['a start function that does not exist', binary(section(8, 0)), 'function 0 does not exist', 10],
  ['an export that does not exist', binary(section(7, 1, 1, 0x61, 3, 0)), 'global 0 does not exist', 13],
  ['a memory that shrinks', wat('(memory 5 4)'), 'greatest size 4 of a memory is below its smallest, 5', 11],
]

const FEATURES: Case[] = [
  ['a shared memory', wat('(memory 1 2 shared)', { threads: true }), 'threads', 11],
  ['a memory of 64 bits', wat('(memory i64 1)', { memory64: true }), 'memory64', 11],
  ['two memories', binary(section(5, 2, 0, 1, 0, 1)), 'multi-memory', 13],
  ['an imported memory', wat('(import "env" "memory" (memory 1))'), '"env"."memory" is a memory', 22],
  ['an imported table', wat('(import "env" "t" (table 1 funcref))'), '"env"."t" is a table', 17],
  ['an imported global', wat('(import "env" "g" (global i32))'), '"env"."g" is a global', 17],
  ['an imported tag', binary(section(2, 1, 1, 0x65, 1, 0x74, 4, 0, 0)), 'exceptions', 15],
  ['tags', wat('(tag)', { exceptions: true }), 'exceptions', 14],
  ['a struct type', binary(section(1, 1, 0x5f, 0)), 'GC', 11],
  ['a typed reference', binary(section(1, 1, 0x60, 1, 0x64, 0x70, 0)), 'typed references and GC', 13],
  ...(
    [
      ['try', [0x06, 0x40], 'exceptions'],
      ['throw', [0x08, 0x00], 'exceptions'],
      ['delegate', [0x18, 0x00], 'exceptions'],
      ['try_table', [0x1f, 0x40, 0x00], 'exceptions'],
      ['call_ref', [0x14, 0x00], 'typed references'],
      ['ref.eq', [0xd3], 'GC and typed references'],
      ['struct.new', [0xfb, 0x00, 0x00], 'GC'],
      ['an atomic load', [0xfe, 0x10, 0x02, 0x00], 'threads'],
      ['relaxed SIMD', [0xfd, 0x80, 0x02], 'relaxed SIMD'],
      ['an address in a second memory', [0x28, 0x42, 0x01, 0x00], 'multi-memory'],
      ['memory.size of a second memory', [0x3f, 0x01], 'multi-memory'],
      ['an opcode that is nothing', [0xc5], '0xc5 is unknown'],
      ['an opcode behind 0xfc that is nothing', [0xfc, 0x12], '0xfc 0x12 is unknown'],
      ['an opcode between those of SIMD', [0xfd, 0x9a, 0x01], '0xfd 0x9a is unknown'],
    ] as [string, number[], string][]
  ).map(([name, body, said]): Case => {
    const isInside = said === 'multi-memory'
    return [name, code(...body), said, FIRST_INSTRUCTION + Number(isInside)]
  }),
]

const CODE: Case[] = [
  [
    'a function that ends in the middle of an instruction',
    binary(TYPES, FUNCTIONS, section(10, 1, 2, 0, 0x41)),
    'constant expected',
    24,
  ],
  ['a function without its end', binary(TYPES, FUNCTIONS, section(10, 1, 2, 0, 0x01)), 'instruction expected', 24],
  ['code behind the end of a function', code(0x0b), '1 bytes are left', 24],
  ['a constant wider than its type', code(0x41, 0xff, 0xff, 0xff, 0xff, 0x0f), 'not a LEB128 number of 32 bits', 24],
  ['a branch out of more blocks than there are', code(0x0c, 1), 'branch out of 1 blocks', 23],
  ['a br_table longer than its function', code(0x0e, 0xff, 0xff, 0x03, 0), 'labels announced', 24],
  ['50,001 locals', binary(TYPES, FUNCTIONS, section(10, 1, 6, 1, 0xd1, 0x86, 0x03, 0x7f, 0x0b)), '50001 locals', 23],
  ['a type of a block that is none', code(0x02, 0x41, 0x0b), 'type of a block expected', 24],
  ['a local whose type is none', binary(TYPES, FUNCTIONS, section(10, 1, 4, 1, 1, 0x01, 0x0b)), 'type of a value', 24],
]

/** Each would reach something that metering adds, which stands behind what the module has of its own. */
const FORGERIES: Case[] = [
  ['the counter, by its index', code(0x23, 0x00, 0x1a), 'global 0 does not exist', 23],
  ['the counter, to write it', code(0x42, 0x01, 0x24, 0x00), 'global 0 does not exist', 25],
  ['the depth, by its index', code(0x23, 0x01, 0x1a), 'global 1 does not exist', 23, { callDepth: 5 }],
  ['the counter, exported under another name', binary(section(7, 1, 1, 0x61, 3, 0)), 'global 0 does not exist', 13],
  [
    'the counter, in the value of a global',
    binary(section(6, 1, 0x7e, 0, 0x23, 0x00, 0x0b)),
    'global 0 does not exist',
    13,
  ],
  ['tick, by its index', code(0x10, 0x01), 'function 1 does not exist', 23],
  [
    'tick, from an element of a table',
    wat('(table 1 funcref) (elem (i32.const 0) 0)'),
    'function 0 does not exist',
    22,
  ],
  ['the type of tick', binary(section(3, 1, 0)), 'type 0 does not exist', 11],
  [
    'the local of a counted instruction',
    code(0x20, 0x00, 0x1a, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0),
    'local 0 does not exist',
    23,
  ],
  ['the name of the counter', wat('(func (export "__fuel"))'), 'export "__fuel": this name is reserved', 21],
  ['the name of the depth', wat('(func (export "__depth"))'), 'export "__depth": this name is reserved', 21],
  ['the name of the start function', wat('(func (export "__start"))'), 'export "__start": this name is reserved', 21],
  ['the module of tick', wat('(import "infrafabric:meter" "tick" (func))'), 'this module name is reserved', 17],
  [
    'a reference to the start function that only its export would allow',
    wat('(start 0) (func (drop (ref.func 0)))'),
    'function 0 is not declared',
    26,
  ],
  ['a start function that takes a value', wat('(start 0) (func (param i32))'), 'takes or returns values', 21],
]

describe.each([
  ['of the file', FILES],
  ['of features', FEATURES],
  ['of code', CODE],
  ['of what metering adds', FORGERIES],
])('faults %s are refused where they are', (_group, cases) => {
  it.each(cases)('%s', (_name, bytes, said, offset, options) => {
    const refusal = refusalOf(bytes, options)

    expect(refusal?.message).toContain(said)
    expect(refusal?.message).toContain(`wasm byte ${offset}:`)
    expect(refusal?.offset).toBe(offset)
    expect(refusal?.hint).toBeTruthy()
  })
})

describe('what grows too large is refused', () => {
  it('refuses more than 10 MB of code', () => {
    const nops = [0x01]
    const bytes = large(11 * 2 ** 20, nops)

    expect(refusalOf(bytes)?.message).toContain('at most 10485760 are supported')
  })

  it('refuses code that metering would make larger than 40 MB', () => {
    const branches = [0x0d, 0x00]
    const bytes = large(6 * 2 ** 20, branches)

    expect(refusalOf(bytes)?.message).toContain('metered code of more than 41943040 bytes')
  })

  it('refuses blocks within more than 65,536 blocks', () => {
    const loops = [0x03, 0x40]

    expect(refusalOf(large(200_000, loops))?.message).toContain('more than 65536 blocks within each other')
  })

  it('refuses lists of more than 65,536', () => {
    const content = [...leb(70_000), ...new Array(70_000).fill(0)]

    expect(refusalOf(binary(TYPES, [3, ...leb(content.length), ...content]))?.message).toContain(
      '70000 functions, at most 65536 are supported',
    )
  })
})

describe('what it tells of a module', () => {
  it('names imports and exports with their kinds and signatures, without what metering adds', () => {
    const { imports, exports, hasStart } = meterModule(
      wat(`(import "infrafabric" "log" (func (param i32 i32 i32)))
        (import "infrafabric" "now" (func (result f64)))
        (memory (export "memory") 1) (table (export "t") 1 externref) (global (export "g") v128 (v128.const i64x2 0 0))
        (func (export "two") (param i64 f32 funcref) (result i32 externref) (i32.const 0) (ref.null extern))`),
      { charge: 'exact', callDepth: 9 },
    )

    expect(imports).toEqual([
      {
        module: 'infrafabric',
        name: 'log',
        kind: 'function',
        signature: { params: ['i32', 'i32', 'i32'], results: [] },
      },
      { module: 'infrafabric', name: 'now', kind: 'function', signature: { params: [], results: ['f64'] } },
    ])
    expect(exports).toEqual([
      { name: 'memory', kind: 'memory' },
      { name: 't', kind: 'table' },
      { name: 'g', kind: 'global' },
      {
        name: 'two',
        kind: 'function',
        signature: { params: ['i64', 'f32', 'funcref'], results: ['i32', 'externref'] },
      },
    ])
    expect(hasStart).toBe(false)
  })

  it('takes an empty module', () => {
    const metered = meterModule(Uint8Array.from(HEADER), { charge: 'exact' })

    expect(metered).toMatchObject({ imports: [], exports: [], hasStart: false })
    expect(WebAssembly.validate(metered.bytes)).toBe(true)
  })

  it('takes padded numbers, as linkers write them, and custom sections anywhere, which it leaves out', () => {
    const custom = section(0, 1, 0x78, 1, 2, 3)
    const padded = [1, 0x84, 0x80, 0x80, 0x80, 0x00, 1, 0x60, 0, 0]
    const call = [0x10, 0x80, 0x80, 0x80, 0x80, 0x00]

    const { bytes } = meterModule(
      binary(custom, padded, custom, FUNCTIONS, section(10, 1, 9, 0, ...call, 0x01, 0x0b), custom),
      {
        charge: 'exact',
      },
    )

    const module = new WebAssembly.Module(bytes)
    expect(WebAssembly.Module.customSections(module, 'x')).toEqual([])
  })
})

/** A module whose one function repeats these bytes until it is so large. */
function large(size: number, repeated: number[]): Uint8Array {
  const head = [...binary(TYPES, FUNCTIONS), 10, ...leb(1 + leb(size).length + size), 1, ...leb(size), 0]
  const bytes = new Uint8Array(head.length + size - 1).fill(0x0b)
  bytes.set(head)
  for (let at = head.length; at + repeated.length <= bytes.length; at += repeated.length) bytes.set(repeated, at)
  return bytes
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}
