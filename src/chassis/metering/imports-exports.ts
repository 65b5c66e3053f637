// Rewrites imports and exports, keeps what they are called for the loader, and adds the names of metering.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { copyFunctionIndex } from './constant-expression.ts'
import { readPages } from './limits.ts'
import type { MeterOptions } from './meter-options.ts'
import type { ModuleShape } from './module-shape.ts'
import { DEPTH, FUEL, METER_MODULE, RESERVED_EXPORTS, START, TICK } from './names.ts'
import { refuseFeature, refuseModule } from './refuse-module.ts'
import type { WasmEntity } from './wasm-entity.ts'

const KIND = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const

export function rewriteImports(section: ByteReader | undefined, shape: ModuleShape, options: MeterOptions): Uint8Array {
  const out = new ByteWriter()
  const count = section?.count('imports') ?? 0
  out.u32(count + 1)
  if (section !== undefined) {
    const from = section.offset
    for (let index = 0; index < count; index++) readImport(section, shape, options)
    out.raw(section.bytes.subarray(from, section.offset))
    section.finish('imports')
  }
  out.name(METER_MODULE)
  out.name(TICK)
  out.byte(KIND.function)
  out.u32(shape.tickType)
  return out.written
}

function readImport(section: ByteReader, shape: ModuleShape, options: MeterOptions): void {
  const start = section.offset
  const module = section.name('module of an import')
  const name = section.name('name of an import')
  const shown = `import ${JSON.stringify(module)}.${JSON.stringify(name)}`
  if (module === METER_MODULE) refuseModule(start, `${shown}: this module name is reserved`, 'Choose another name.')
  const at = section.offset
  const kind = section.byte('kind of an import')
  if (kind === KIND.function) {
    const signature = shape.typeAt(section.u32('type of a function'), at)
    shape.functions.push(signature)
    shape.importedFunctions += 1
    shape.imports.push({ module, name, kind: 'function', signature })
    return
  }
  if (kind !== KIND.memory || options.importedMemory !== true) refuseImport(at, shown, kind)
  readPages(section)
  shape.addMemory(at)
  shape.imports.push({ module, name, kind: 'memory' })
}

function refuseImport(at: number, shown: string, kind: number): never {
  if (kind === KIND.tag) refuseFeature(at, shown, 'exceptions')
  const name = Object.entries(KIND).find(([, known]) => known === kind)?.[0]
  if (name === undefined) refuseModule(at, `${shown} is of kind ${kind}, which is unknown`)
  refuseModule(
    at,
    `${shown} is a ${name}: only functions can be imported`,
    `Build the module with a ${name} of its own.`,
  )
}

export function rewriteExports(section: ByteReader | undefined, shape: ModuleShape, options: MeterOptions): Uint8Array {
  const out = new ByteWriter()
  const count = section?.count('exports') ?? 0
  const hasDepth = options.callDepth !== undefined
  const hasStart = shape.start !== undefined
  out.u32(count + 1 + Number(hasDepth) + Number(hasStart))
  if (section !== undefined) {
    for (let index = 0; index < count; index++) copyExport(section, shape, out)
    section.finish('exports')
  }
  addExport(out, FUEL, KIND.global, shape.fuelGlobal)
  if (hasDepth) addExport(out, DEPTH, KIND.global, shape.depthGlobal)
  if (shape.start !== undefined) addExport(out, START, KIND.function, shape.movedFunction(shape.start))
  return out.written
}

function copyExport(section: ByteReader, shape: ModuleShape, out: ByteWriter): void {
  const start = section.offset
  const name = section.name('name of an export')
  const shown = `export ${JSON.stringify(name)}`
  if (RESERVED_EXPORTS.includes(name)) refuseModule(start, `${shown}: this name is reserved`, 'Choose another name.')
  const at = section.offset
  const kind = section.byte('kind of an export')
  out.raw(section.bytes.subarray(start, section.offset))
  const index = section.u32('index of an export')
  if (kind === KIND.function) copyFunctionIndex(index, at, shape, out)
  else out.u32(index)
  shape.exports.push({ name, ...exportedEntity(shape, kind, index, { at, shown }) })
}

function exportedEntity(
  shape: ModuleShape,
  kind: number,
  index: number,
  place: { at: number; shown: string },
): WasmEntity {
  switch (kind) {
    case KIND.function:
      return { kind: 'function', signature: shape.functionAt(index, place.at) }
    case KIND.table:
      if (index >= shape.tables) refuseModule(place.at, `${place.shown}: table ${index} does not exist`)
      return { kind: 'table' }
    case KIND.memory:
      if (index >= shape.memories) refuseModule(place.at, `${place.shown}: memory ${index} does not exist`)
      return { kind: 'memory' }
    case KIND.global:
      shape.checkGlobal(index, place.at)
      return { kind: 'global' }
    case KIND.tag:
      return refuseFeature(place.at, place.shown, 'exceptions')
    default:
      refuseModule(place.at, `${place.shown} is of kind ${kind}, which is unknown`)
  }
}

function addExport(out: ByteWriter, name: string, kind: number, index: number): void {
  out.name(name)
  out.byte(kind)
  out.u32(index)
}
