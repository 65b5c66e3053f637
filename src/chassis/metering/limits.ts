// The limits of memories and tables: smallest and greatest size.
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { hex, refuseFeature, refuseModule } from './refuse-module.ts'

export interface Limits {
  min: number
  max: number | undefined
}

/** The greatest size that 32 bits can address, in pages. */
const ADDRESSABLE_PAGES = 65_536

const HAS_MAX = 1
const SHARED = 2
const WIDE = 4

export function readLimits(reader: ByteReader, what: 'memory' | 'table'): Limits {
  const at = reader.offset
  const flags = reader.byte(`limits of a ${what}`)
  if (flags & SHARED) refuseFeature(at, `shared ${what}`, 'threads')
  if (flags & WIDE) refuseFeature(at, `${what} with 64-bit addresses`, 'memory64')
  if (flags > HAS_MAX) refuseModule(at, `limits of a ${what} expected, found ${hex(flags)}`)
  const min = reader.u32(`smallest size of a ${what}`)
  const max = flags & HAS_MAX ? reader.u32(`greatest size of a ${what}`) : undefined
  if (max !== undefined && max < min)
    refuseModule(at, `greatest size ${max} of a ${what} is below its smallest, ${min}`)
  return { min, max }
}

/** Limits of a memory. */
export function readPages(section: ByteReader): Limits {
  const at = section.offset
  const limits = readLimits(section, 'memory')
  const most = limits.max ?? limits.min
  if (most > ADDRESSABLE_PAGES) refuseModule(at, `memory of ${most} pages, addressable are ${ADDRESSABLE_PAGES}`)
  return limits
}

export function writeLimits(out: ByteWriter, limits: Limits): void {
  out.byte(limits.max === undefined ? 0 : HAS_MAX)
  out.u32(limits.min)
  if (limits.max !== undefined) out.u32(limits.max)
}
