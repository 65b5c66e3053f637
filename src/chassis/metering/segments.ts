// Rewrites the segments: elements of tables, which name functions, and data, of which only the offset is looked at.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { copyConstantExpression, copyFunctionIndex } from './constant-expression.ts'
import type { ModuleShape } from './module-shape.ts'
import { refuseModule } from './refuse-module.ts'
import { readReferenceType } from './value-type.ts'

/** Bits of the flags of an element segment. */
const ELEMENT = { passiveOrDeclared: 1, explicit: 2, expressions: 4 } as const
const DATA = { active: 0, passive: 1, activeIn: 2 } as const

export function rewriteElements(section: ByteReader, shape: ModuleShape): Uint8Array {
  const out = new ByteWriter()
  const count = section.count('element segments')
  out.u32(count)
  for (let index = 0; index < count; index++) copyElementSegment(section, shape, out)
  section.finish('element segments')
  return out.written
}

function copyElementSegment(section: ByteReader, shape: ModuleShape, out: ByteWriter): void {
  const at = section.offset
  const flags = section.u32('flags of an element segment')
  if (flags > 7) refuseModule(at, `flags of an element segment expected, found ${flags}`)
  const isActive = !(flags & ELEMENT.passiveOrDeclared)
  const hasExpressions = Boolean(flags & ELEMENT.expressions)
  out.u32(flags)
  if (isActive && flags & ELEMENT.explicit) out.u32(section.u32('index of a table'))
  if (isActive) copyConstantExpression(section, shape, out)
  if (flags & (ELEMENT.passiveOrDeclared | ELEMENT.explicit)) copyElementKind(section, hasExpressions, out)
  const count = section.count('elements')
  out.u32(count)
  for (let index = 0; index < count; index++) {
    const from = section.offset
    if (hasExpressions) copyConstantExpression(section, shape, out)
    else copyFunctionIndex(section.u32('index of a function'), from, shape, out)
  }
}

function copyElementKind(section: ByteReader, isType: boolean, out: ByteWriter): void {
  const from = section.offset
  if (isType) readReferenceType(section)
  else if (section.byte('kind of elements') !== 0) refuseModule(from, 'kind 0 of elements expected (functions)')
  out.raw(section.bytes.subarray(from, section.offset))
}

export function rewriteData(section: ByteReader, shape: ModuleShape): Uint8Array {
  const out = new ByteWriter(section.left + 16)
  const count = section.count('data segments')
  out.u32(count)
  for (let index = 0; index < count; index++) {
    const at = section.offset
    const flags = section.u32('flags of a data segment')
    if (flags > DATA.activeIn) refuseModule(at, `flags of a data segment expected, found ${flags}`)
    out.u32(flags)
    if (flags === DATA.activeIn) out.u32(section.u32('index of a memory'))
    if (flags !== DATA.passive) copyConstantExpression(section, shape, out)
    out.sized(section.take(section.u32('size of a data segment'), 'data'))
  }
  section.finish('data segments')
  return out.written
}
