// The code that metering inserts. It leaves the stack as it is, so it fits between any two instructions, and reads like
//   fuel -= units; if (fuel < 0) tick()
// where `tick` gives the next slice or throws. Depth goes down before a call and up after it; below zero is a trap.
import { ByteWriter } from './byte-writer.ts'
import type { ModuleShape } from './module-shape.ts'
import { OP } from './opcodes.ts'

const NO_RESULT = 0x40

export class Charges {
  readonly #fuelBefore: Uint8Array
  readonly #fuelAfter: Uint8Array
  readonly #down: Uint8Array
  readonly #up: Uint8Array

  constructor(shape: ModuleShape) {
    const { fuelGlobal, depthGlobal, tickFunction } = shape
    this.#fuelBefore = code((out) => access(out, OP.globalGet, fuelGlobal))
    this.#fuelAfter = code((out) => {
      out.byte(OP.i64Sub)
      access(out, OP.globalSet, fuelGlobal)
      access(out, OP.globalGet, fuelGlobal)
      out.raw([OP.i64Const, 0, OP.i64LtS, OP.if, NO_RESULT, OP.call])
      out.u32(tickFunction)
      out.byte(OP.end)
    })
    this.#down = code((out) => {
      addOne(out, depthGlobal, OP.i32Sub)
      access(out, OP.globalGet, depthGlobal)
      out.raw([OP.i32Const, 0, OP.i32LtS, OP.if, NO_RESULT, OP.unreachable, OP.end])
    })
    this.#up = code((out) => addOne(out, depthGlobal, OP.i32Add))
  }

  writeFixed(out: ByteWriter, units: number): void {
    if (units === 0) return
    out.raw(this.#fuelBefore)
    out.byte(OP.i64Const)
    out.s32(units)
    out.raw(this.#fuelAfter)
  }

  /** Of the count on top of the stack, which stays there; `local` is an i32 to keep it in. */
  writeCounted(out: ByteWriter, local: number, shift: number): void {
    access(out, OP.localTee, local)
    out.raw(this.#fuelBefore)
    access(out, OP.localGet, local)
    out.raw([OP.i64ExtendI32U, OP.i64Const, Math.abs(shift), shift < 0 ? OP.i64ShrU : OP.i64Shl])
    out.raw(this.#fuelAfter)
  }

  writeDown(out: ByteWriter): void {
    out.raw(this.#down)
  }

  writeUp(out: ByteWriter): void {
    out.raw(this.#up)
  }
}

function code(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(32)
  write(out)
  return out.written
}

function access(out: ByteWriter, opcode: number, index: number): void {
  out.byte(opcode)
  out.u32(index)
}

function addOne(out: ByteWriter, global: number, operation: number): void {
  access(out, OP.globalGet, global)
  out.raw([OP.i32Const, 1, operation])
  access(out, OP.globalSet, global)
}
