// Copies a constant expression: the value of a global, the offset of a segment, an element of a table.
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { InstructionReader } from './instruction-reader.ts'
import type { ModuleShape } from './module-shape.ts'
import { OP } from './opcodes.ts'
import { hex, refuseModule } from './refuse-module.ts'

const CONSTANT: ReadonlySet<number> = new Set([
  OP.i32Const,
  OP.i64Const,
  OP.f32Const,
  OP.f64Const,
  OP.v128Const,
  OP.globalGet,
  OP.refNull,
  OP.refFunc,
  OP.i32Add,
  OP.i32Sub,
  OP.i32Mul,
  OP.i64Add,
  OP.i64Sub,
  OP.i64Mul,
])

export function copyConstantExpression(reader: ByteReader, shape: ModuleShape, out: ByteWriter): void {
  const instruction = new InstructionReader(reader)
  for (;;) {
    instruction.next()
    const { at, opcode, index } = instruction
    if (opcode === OP.refFunc) {
      out.byte(OP.refFunc)
      copyFunctionIndex(index, at, shape, out)
      continue
    }
    if (opcode === OP.globalGet) shape.checkGlobal(index, at)
    if (opcode !== OP.end && !CONSTANT.has(opcode)) {
      refuseModule(at, `opcode ${hex(opcode)} in a constant expression`)
    }
    out.raw(reader.bytes.subarray(at, reader.offset))
    if (opcode === OP.end) return
  }
}

/** A function named outside of code, where it is after metering. */
export function copyFunctionIndex(index: number, at: number, shape: ModuleShape, out: ByteWriter): void {
  shape.functionAt(index, at)
  shape.declare(index)
  out.u32(shape.movedFunction(index))
}
