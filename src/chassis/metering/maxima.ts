// Writes the greatest size of memory and tables into the binary, where the engine itself keeps to it.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { type Limits, readLimits, readPages, writeLimits } from './limits.ts'
import type { MeterOptions } from './meter-options.ts'
import type { ModuleShape } from './module-shape.ts'
import { refuseModule } from './refuse-module.ts'
import { readReferenceType } from './value-type.ts'

/** What 32 bits can count. */
const MAX_ELEMENTS = 2 ** 32 - 1

export function rewriteTables(section: ByteReader, shape: ModuleShape, options: MeterOptions): Uint8Array {
  const out = new ByteWriter()
  const start = section.offset
  shape.tables = section.count('tables')
  const tables = Array.from({ length: shape.tables }, () => {
    const type = section.bytes[section.offset] ?? 0
    readReferenceType(section)
    return { type, limits: readLimits(section, 'table') }
  })
  section.finish('tables')
  if (options.tableElements !== undefined) {
    const limits = tables.map((table) => table.limits)
    capTables(limits, options.tableElements, start)
  }
  out.u32(shape.tables)
  for (const { type, limits } of tables) {
    out.byte(type)
    writeLimits(out, limits)
  }
  return out.written
}

/** What the smallest sizes leave is split evenly; what one table may not take by its own maximum is left to the others. */
function capTables(tables: Limits[], allowed: number, at: number): void {
  const needed = tables.reduce((sum, { min }) => sum + min, 0)
  if (needed > allowed) {
    refuseModule(
      at,
      `tables of ${needed} elements, allowed are ${allowed}`,
      'Raise max_table_elements of its contract.',
    )
  }
  const growthOf = ({ min, max }: Limits): number => (max ?? MAX_ELEMENTS) - min
  let spare = allowed - needed
  let left = tables.length
  for (const table of [...tables].sort((a, b) => growthOf(a) - growthOf(b))) {
    const growth = Math.min(growthOf(table), Math.floor(spare / left))
    table.max = table.min + growth
    spare -= growth
    left -= 1
  }
}

export function rewriteMemories(section: ByteReader, shape: ModuleShape, options: MeterOptions): Uint8Array {
  const out = new ByteWriter()
  const count = section.count('memories')
  out.u32(count)
  for (let index = 0; index < count; index++) {
    const at = section.offset
    const { min, max } = readPages(section)
    shape.addMemory(at)
    const allowed = options.memory?.maxPages
    if (allowed !== undefined && min > allowed) {
      refuseModule(at, `memory of ${min} pages, allowed are ${allowed}`, 'Raise max_memory_mb of its contract.')
    }
    writeLimits(out, { min, max: allowed === undefined ? max : Math.min(max ?? allowed, allowed) })
  }
  section.finish('memories')
  return out.written
}
