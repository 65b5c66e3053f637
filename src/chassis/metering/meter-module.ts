// Rewrites a core wasm binary so that whoever runs it can stop it anywhere and bound what it takes: an exported counter is
// charged as it runs, the greatest size of memory and tables is written into it, nested calls are counted. What it cannot
// meter (threads, memory64, exceptions, GC, imports of tables and globals) it refuses with the byte offset. It proves
// nothing about types: V8 validates what comes out, and accepts it exactly where it would accept what came in.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { rewriteCode } from './code-section.ts'
import { readStart, rewriteFunctions, rewriteGlobals, rewriteTypes } from './declarations.ts'
import { rewriteExports, rewriteImports } from './imports-exports.ts'
import { rewriteMemories, rewriteTables } from './maxima.ts'
import type { MeterOptions } from './meter-options.ts'
import { ModuleShape } from './module-shape.ts'
import { HEADER, readSections, SECTION, SECTION_ORDER, type SectionId } from './sections.ts'
import { rewriteData, rewriteElements } from './segments.ts'
import type { WasmExport, WasmImport } from './wasm-entity.ts'

export type { MeterOptions } from './meter-options.ts'
export type { WasmSignature, WasmType } from './value-type.ts'
export type { WasmEntity, WasmExport, WasmImport } from './wasm-entity.ts'

export interface Metered {
  /** The rewritten binary. */
  bytes: Uint8Array
  /** Of the original, in its order: without what metering adds. */
  imports: WasmImport[]
  exports: WasmExport[]
  /** Whether it exports `__start`, to be called once before anything else: its start function. */
  hasStart: boolean
}

/** IF_ERR_MODULE_INVALID, with `details.offset`, where the binary is damaged or uses what is not supported. */
export function meterModule(bytes: Uint8Array, options: MeterOptions): Metered {
  const sections = readSections(bytes)
  const shape = new ModuleShape()
  const out = new ByteWriter(bytes.length * 2)
  out.raw(HEADER)
  for (const id of SECTION_ORDER) {
    const rewritten = rewriteSection(id, { sections, shape, options })
    if (rewritten === undefined) continue
    out.byte(id)
    out.sized(rewritten)
  }
  const { imports, exports, start } = shape
  return { bytes: out.written.slice(), imports, exports, hasStart: start !== undefined }
}

interface Rewriting {
  sections: Map<SectionId, ByteReader>
  shape: ModuleShape
  options: MeterOptions
}

/** The new content of a section; undefined where the metered module has none. */
function rewriteSection(id: SectionId, { sections, shape, options }: Rewriting): Uint8Array | undefined {
  const section = sections.get(id)
  switch (id) {
    case SECTION.type:
      return rewriteTypes(section, shape)
    case SECTION.import:
      return rewriteImports(section, shape, options)
    case SECTION.function:
      return section && rewriteFunctions(section, shape)
    case SECTION.table:
      return section && rewriteTables(section, shape, options)
    case SECTION.memory:
      return section && rewriteMemories(section, shape, options)
    case SECTION.global:
      return rewriteGlobals(section, shape, options)
    case SECTION.export:
      readStart(sections.get(SECTION.start), shape)
      return rewriteExports(section, shape, options)
    case SECTION.start:
      return undefined
    case SECTION.element:
      return section && rewriteElements(section, shape)
    case SECTION.dataCount:
      return section?.rest()
    case SECTION.code:
      return section && rewriteCode(section, shape, options)
    case SECTION.data:
      return section && rewriteData(section, shape)
  }
}
