// Takes a wasm binary apart into its sections: each at most once and in order, sizes that add up, names that are UTF-8.
// Custom sections are left out: they hold nothing that runs, and names and hints would point at functions that moved.
import { ByteReader } from './byte-reader.ts'
import { refuseFeature, refuseModule } from './refuse-module.ts'

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const

/** In the order in which they stand in a file. */
export const SECTION_ORDER = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
] as const
export type SectionId = (typeof SECTION_ORDER)[number]

export const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
const COMPONENT_VERSION = 0x0d

export function readSections(bytes: Uint8Array): Map<SectionId, ByteReader> {
  const reader = new ByteReader(bytes)
  readHeader(reader)
  const sections = new Map<SectionId, ByteReader>()
  let lastPlace = -1
  while (reader.left > 0) {
    const at = reader.offset
    const id = reader.byte('section')
    const section = reader.part(reader.u32('size of a section'), `section ${id}`)
    if (id === SECTION.custom) {
      section.name('name of a custom section')
      continue
    }
    if (id === SECTION.tag) refuseFeature(at, 'section 13 (tags)', 'exceptions')
    const place = (SECTION_ORDER as readonly number[]).indexOf(id)
    const known = SECTION_ORDER[place]
    if (known === undefined) refuseModule(at, `section ${id} is unknown`)
    if (place <= lastPlace) refuseModule(at, `section ${id} is there twice or out of order`)
    lastPlace = place
    sections.set(known, section)
  }
  return sections
}

function readHeader(reader: ByteReader): void {
  const header = reader.take(Math.min(HEADER.length, reader.left), 'header')
  const isCode = header.length === HEADER.length && HEADER.every((byte, at) => at >= 4 || header[at] === byte)
  if (!isCode) refuseModule(0, 'not a wasm binary: it does not begin with "\\0asm" and a version', 'Give a .wasm file.')
  if (header[4] === COMPONENT_VERSION) refuseFeature(4, 'this version of the format', 'the component model')
  if (!HEADER.every((byte, at) => header[at] === byte)) refuseModule(4, 'version 1 of the format expected')
}
