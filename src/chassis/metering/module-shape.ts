// What is known of a module while its sections are rewritten one after the other: the sizes of its index spaces, so that
// no index of the original can reach what metering adds, and where the indices of functions move to.
import { refuseFeature, refuseModule } from './refuse-module.ts'
import type { WasmSignature } from './value-type.ts'
import type { WasmExport, WasmImport } from './wasm-entity.ts'

export class ModuleShape {
  types: WasmSignature[] = []
  imports: WasmImport[] = []
  exports: WasmExport[] = []
  /** The signature of each function, imported ones first. */
  functions: WasmSignature[] = []
  importedFunctions = 0
  tables = 0
  memories = 0
  globals = 0
  /** The start function. */
  start: number | undefined
  /** Functions that code may refer to, because something outside code names them. */
  readonly #declared = new Set<number>()

  /** `tick` is the last imported function. */
  get tickFunction(): number {
    return this.importedFunctions
  }

  get tickType(): number {
    return this.types.length
  }

  get fuelGlobal(): number {
    return this.globals
  }

  get depthGlobal(): number {
    return this.globals + 1
  }

  typeAt(index: number, at: number): WasmSignature {
    return this.types[index] ?? outside('type', index, this.types.length, at)
  }

  functionAt(index: number, at: number): WasmSignature {
    return this.functions[index] ?? outside('function', index, this.functions.length, at)
  }

  checkGlobal(index: number, at: number): void {
    if (index >= this.globals) outside('global', index, this.globals, at)
  }

  addMemory(at: number): void {
    this.memories += 1
    if (this.memories > 1) refuseFeature(at, 'a second memory', 'multi-memory')
  }

  /** Where a function is after `tick` was added. */
  movedFunction(index: number): number {
    return index < this.importedFunctions ? index : index + 1
  }

  declare(index: number): void {
    this.#declared.add(index)
  }

  /** The export `__start` would let code refer to the start function where it must not. */
  checkReference(index: number, at: number): void {
    if (index === this.start && !this.#declared.has(index)) refuseModule(at, `function ${index} is not declared`)
  }
}

function outside(what: string, index: number, count: number, at: number): never {
  refuseModule(at, `${what} ${index} does not exist: there are ${count}`)
}
