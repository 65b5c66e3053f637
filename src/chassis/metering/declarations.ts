// Rewrites what a module declares of itself: types, functions, globals, start. Each function copies one section and adds
// what metering needs there.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { copyConstantExpression } from './constant-expression.ts'
import type { MeterOptions } from './meter-options.ts'
import type { ModuleShape } from './module-shape.ts'
import { OP } from './opcodes.ts'
import { refuseModule } from './refuse-module.ts'
import { readSignature, readValueType } from './value-type.ts'

const I32 = 0x7f
const I64 = 0x7e
const MUTABLE = 1

export function rewriteTypes(section: ByteReader | undefined, shape: ModuleShape): Uint8Array {
  const out = new ByteWriter()
  const count = section?.count('types') ?? 0
  out.u32(count + 1)
  if (section !== undefined) {
    const from = section.offset
    for (let index = 0; index < count; index++) shape.types.push(readSignature(section))
    out.raw(section.bytes.subarray(from, section.offset))
    section.finish('types')
  }
  out.raw([0x60, 0, 0]) // () → ()
  return out.written
}

/** Copied as it is; each has the index of one of the original's types. */
export function rewriteFunctions(section: ByteReader, shape: ModuleShape): Uint8Array {
  const from = section.offset
  const count = section.count('functions')
  for (let index = 0; index < count; index++) {
    const at = section.offset
    shape.functions.push(shape.typeAt(section.u32('type of a function'), at))
  }
  section.finish('functions')
  return section.bytes.subarray(from, section.end)
}

export function rewriteGlobals(section: ByteReader | undefined, shape: ModuleShape, options: MeterOptions): Uint8Array {
  const out = new ByteWriter()
  const count = section?.count('globals') ?? 0
  out.u32(count + (options.callDepth === undefined ? 1 : 2))
  if (section !== undefined) {
    for (let index = 0; index < count; index++) {
      const from = section.offset
      readValueType(section)
      section.byte('mutability of a global')
      out.raw(section.bytes.subarray(from, section.offset))
      copyConstantExpression(section, shape, out)
      shape.globals += 1
    }
    section.finish('globals')
  }
  out.raw([I64, MUTABLE, OP.i64Const, 0, OP.end])
  if (options.callDepth !== undefined) {
    out.raw([I32, MUTABLE, OP.i32Const])
    out.s32(options.callDepth)
    out.byte(OP.end)
  }
  return out.written
}

/** The start function becomes an export, so that it too runs under fuel; what V8 would check of it is checked here. */
export function readStart(section: ByteReader | undefined, shape: ModuleShape): void {
  if (section === undefined) return
  const at = section.offset
  const index = section.u32('index of the start function')
  section.finish('start')
  const { params, results } = shape.functionAt(index, at)
  if (params.length + results.length > 0) refuseModule(at, `start function ${index} takes or returns values`)
  shape.start = index
}
