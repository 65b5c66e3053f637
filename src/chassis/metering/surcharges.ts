// Units beyond the one that every instruction costs, for those that take far longer than the rest (measured: an ordinary
// instruction about 1 ns, an element of a table 12–33 ns, a growth of memory 700 ns). Without them a flood of such
// instructions would run long on little fuel.
import { OP } from './opcodes.ts'

export interface Surcharge {
  /** Each time. */
  units: number
  /** For each byte or element that the operand on top of the stack counts, times 2^shift; left out, none. */
  shift?: number
}

const BYTES = -3
const ELEMENTS = 4

const SURCHARGES = new Map<number, Surcharge>([
  [OP.memoryGrow, { units: 1_000 }],
  [OP.memoryInit, { units: 16, shift: BYTES }],
  [OP.memoryCopy, { units: 16, shift: BYTES }],
  [OP.memoryFill, { units: 16, shift: BYTES }],
  [OP.tableSet, { units: 16 }],
  [OP.tableInit, { units: 32, shift: ELEMENTS }],
  [OP.tableCopy, { units: 32, shift: ELEMENTS }],
  [OP.tableFill, { units: 32, shift: ELEMENTS }],
  [OP.tableGrow, { units: 32, shift: ELEMENTS }],
])

export const surchargeOf = (opcode: number): Surcharge | undefined => SURCHARGES.get(opcode)
