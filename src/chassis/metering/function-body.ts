// Rewrites the body of one function: follows its blocks, so that each straight-line run is charged where it starts.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Charges } from './charges.ts'
import { InstructionReader } from './instruction-reader.ts'
import type { MeterOptions } from './meter-options.ts'
import type { ModuleShape } from './module-shape.ts'
import { OP } from './opcodes.ts'
import { refuseModule } from './refuse-module.ts'
import { surchargeOf } from './surcharges.ts'
import { readValueType } from './value-type.ts'

/** V8's limit, of parameters and locals. */
const MAX_LOCALS = 50_000
/** No compiler comes near it; without a bound, a file of nothing else would fill the memory. */
const MAX_NESTING = 65_536
const I32 = 0x7f

interface Block {
  opcode: number
  /** Whether something branches to its end. */
  isTarget: boolean
  /** Whether control reached it. */
  isReachable: boolean
}

export class FunctionBody {
  readonly #shape: ModuleShape
  readonly #charges: Charges
  readonly #isExact: boolean
  readonly #countsDepth: boolean
  /** What is finished, and the run that is being read, whose charge is known at its end. */
  readonly #done = new ByteWriter(4096)
  readonly #run = new ByteWriter(4096)
  readonly #blocks: Block[] = []
  #runUnits = 0
  #isReachable = true
  #locals = 0
  #usesCounter = false
  /** Index of the function, and from where on its bytes are still to be copied. */
  #index = 0
  #from = 0

  constructor(shape: ModuleShape, charges: Charges, options: MeterOptions) {
    this.#shape = shape
    this.#charges = charges
    this.#isExact = options.charge === 'exact'
    this.#countsDepth = options.callDepth !== undefined
  }

  /** Copies the body of the function with this index, metered, behind its size. */
  copy(reader: ByteReader, index: number, out: ByteWriter): void {
    const at = reader.offset
    const groups = this.#readLocals(reader, this.#shape.functionAt(index, at).params.length)
    this.#start(reader, index)
    this.#readInstructions(reader)
    this.#endRun(reader)
    reader.finish('function')
    if (this.#usesCounter && this.#locals >= MAX_LOCALS) refuseModule(at, `a function of ${this.#locals} locals`)

    const head = this.#run
    head.u32(groups.count + Number(this.#usesCounter))
    head.raw(groups.bytes)
    if (this.#usesCounter) head.raw([1, I32])
    out.u32(head.length + this.#done.length)
    out.append(head)
    out.append(this.#done)
  }

  #readLocals(reader: ByteReader, parameters: number): { count: number; bytes: Uint8Array } {
    const count = reader.count('groups of locals')
    const from = reader.offset
    this.#locals = parameters
    for (let left = count; left > 0; left--) {
      const at = reader.offset
      this.#locals += reader.u32('number of locals')
      readValueType(reader)
      if (this.#locals > MAX_LOCALS) refuseModule(at, `${this.#locals} locals, allowed are ${MAX_LOCALS}`)
    }
    return { count, bytes: reader.bytes.subarray(from, reader.offset) }
  }

  #start(reader: ByteReader, index: number): void {
    this.#index = index
    this.#from = reader.offset
    this.#done.clear()
    this.#run.clear()
    this.#blocks.length = 0
    this.#blocks.push({ opcode: OP.block, isTarget: false, isReachable: true })
    this.#runUnits = 0
    this.#isReachable = true
    this.#usesCounter = false
  }

  #readInstructions(reader: ByteReader): void {
    const instruction = new InstructionReader(reader)
    while (this.#blocks.length > 0) {
      instruction.next()
      this.#check(instruction)
      this.#copyInstruction(instruction, reader)
      this.#follow(instruction, reader)
    }
  }

  /** No index of the original may reach what metering adds. */
  #check(instruction: InstructionReader): void {
    const { at, index, immediates, labels } = instruction
    switch (immediates) {
      case 'local':
        if (index >= this.#locals) refuseModule(at, `local ${index} does not exist: there are ${this.#locals}`)
        return
      case 'global':
        this.#shape.checkGlobal(index, at)
        return
      case 'function':
        this.#shape.functionAt(index, at)
        return
      case 'indirect':
        this.#shape.typeAt(index, at)
        return
      case 'block':
        if (index >= 0) this.#shape.typeAt(index, at)
        return
      case 'label':
      case 'labels':
        for (const label of labels) {
          if (label >= this.#blocks.length) refuseModule(at, `branch out of ${label} blocks: there are fewer`)
        }
        return
      default:
        return
    }
  }

  /** Bytes are copied in one go up to the next place where something is inserted or replaced. */
  #copyInstruction(instruction: InstructionReader, reader: ByteReader): void {
    const { at, opcode, index } = instruction
    this.#runUnits += 1
    switch (opcode) {
      case OP.call:
      case OP.callIndirect:
        this.#copyCall(instruction, reader)
        return
      case OP.returnCall:
      case OP.returnCallIndirect:
        this.#copyPending(reader, at)
        this.#chargeCall(instruction)
        this.#moveFunction(instruction, reader)
        return
      case OP.refFunc:
        this.#shape.checkReference(index, at)
        this.#moveFunction(instruction, reader)
        return
      default:
        this.#surcharge(instruction, reader)
    }
  }

  #copyCall(instruction: InstructionReader, reader: ByteReader): void {
    this.#copyPending(reader, instruction.at)
    this.#chargeCall(instruction)
    if (this.#countsDepth) this.#charges.writeDown(this.#run)
    this.#moveFunction(instruction, reader)
    this.#copyPending(reader, reader.offset)
    if (this.#countsDepth) this.#charges.writeUp(this.#run)
  }

  /**
   * By loops, only calls that may close a cycle are charged: indirect ones, and those of the function itself or a later
   * one. Calls of earlier functions alone cannot make a cycle.
   */
  #chargeCall({ immediates, index }: InstructionReader): void {
    if (this.#isExact) return
    if (immediates === 'indirect' || index >= this.#index) this.#charges.writeFixed(this.#run, 1)
  }

  /** Where an instruction names a function, the index of it that holds after metering. */
  #moveFunction({ at, opcode, immediates, index }: InstructionReader, reader: ByteReader): void {
    if (immediates !== 'function') return
    this.#copyPending(reader, at)
    this.#run.byte(opcode)
    this.#run.u32(this.#shape.movedFunction(index))
    this.#from = reader.offset
  }

  #surcharge({ at, opcode }: InstructionReader, reader: ByteReader): void {
    const surcharge = surchargeOf(opcode)
    if (surcharge === undefined) return
    this.#copyPending(reader, at)
    if (this.#isExact) this.#runUnits += surcharge.units
    else this.#charges.writeFixed(this.#run, surcharge.units)
    if (surcharge.shift === undefined) return
    this.#usesCounter = true
    this.#charges.writeCounted(this.#run, this.#locals, surcharge.shift)
  }

  #copyPending(reader: ByteReader, until: number): void {
    this.#run.copy(reader.bytes, this.#from, until)
    this.#from = until
  }

  /** Where control may go on from here: ends runs, and starts them where something may arrive. */
  #follow(instruction: InstructionReader, reader: ByteReader): void {
    const { opcode, labels } = instruction
    switch (opcode) {
      case OP.block:
        this.#enter(instruction)
        return
      case OP.loop:
        this.#enter(instruction)
        this.#endRun(reader)
        if (!this.#isExact) this.#charges.writeFixed(this.#done, 1)
        return
      case OP.if:
        this.#enter(instruction)
        this.#endRun(reader)
        return
      case OP.else:
        this.#endRun(reader)
        this.#isReachable = this.#blocks.at(-1)?.isReachable ?? true
        return
      case OP.end:
        this.#leave(reader)
        return
      case OP.brIf:
        this.#branch(labels)
        this.#endRun(reader)
        return
      case OP.br:
      case OP.brTable:
        this.#branch(labels)
        this.#endRun(reader)
        this.#isReachable = false
        return
      case OP.return:
      case OP.unreachable:
      case OP.returnCall:
      case OP.returnCallIndirect:
        this.#endRun(reader)
        this.#isReachable = false
        return
      default:
        return
    }
  }

  #enter({ at, opcode }: InstructionReader): void {
    if (this.#blocks.length > MAX_NESTING) refuseModule(at, `more than ${MAX_NESTING} blocks within each other`)
    this.#blocks.push({ opcode, isTarget: false, isReachable: this.#isReachable })
  }

  /** After a loop, or a block that nothing branches out of, the run goes on. */
  #leave(reader: ByteReader): void {
    const block = this.#blocks.pop()
    if (block === undefined || this.#blocks.length === 0) return
    const joins = block.opcode === OP.if || (block.opcode === OP.block && block.isTarget)
    if (!joins) return
    this.#endRun(reader)
    this.#isReachable = block.isReachable
  }

  #branch(labels: readonly number[]): void {
    for (const label of labels) {
      const block = this.#blocks.at(-1 - label)
      if (block !== undefined) block.isTarget = true
    }
  }

  #endRun(reader: ByteReader): void {
    this.#copyPending(reader, reader.offset)
    if (this.#isExact && this.#isReachable) this.#charges.writeFixed(this.#done, this.#runUnits)
    this.#done.append(this.#run)
    this.#run.clear()
    this.#runUnits = 0
  }
}
