// Sections of a WebAssembly binary, as far as a module file needs them: where each begins and ends, and the names of the
// custom ones. What stands inside the others is the business of metering. Nothing is copied and nothing is believed:
// every length is held against what is left.
import { invalidModule } from './module-faults.ts'

/** `\0asm`, version 1. */
export const WASM_HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** More would be no module but an attack on whoever lists it. */
const MOST_SECTIONS = 10_000

export interface Section {
  /** 0 is a custom section. */
  id: number
  /** Of a custom section. */
  name: string | undefined
  /** Where its id stands. */
  start: number
  /** Where what it holds begins, after the name of a custom section. */
  contentStart: number
  end: number
}

/** All sections in their order; IF_ERR_MODULE_INVALID with the byte for what is no wasm or is cut off. */
export function readSections(bytes: Uint8Array, file: string): Section[] {
  if (!startsWith(bytes, WASM_HEADER)) {
    throw invalidModule(file, 'this is not a WebAssembly binary (it does not begin with \\0asm and version 1)', {
      offset: 0,
    })
  }
  const sections: Section[] = []
  let at = WASM_HEADER.length
  while (at < bytes.length) {
    if (sections.length === MOST_SECTIONS)
      throw invalidModule(file, `more than ${MOST_SECTIONS} sections`, { offset: at })
    const section = sectionAt(bytes, at, file)
    sections.push(section)
    at = section.end
  }
  return sections
}

/** A custom section with a text in it. */
export function customSection(name: string, content: string): Uint8Array {
  const title = Buffer.from(name, 'utf8')
  const text = Buffer.from(content, 'utf8')
  const body = Buffer.concat([unsigned(title.length), title, text])
  return Buffer.concat([Uint8Array.of(0), unsigned(body.length), body])
}

function sectionAt(bytes: Uint8Array, start: number, file: string): Section {
  const size = unsignedAt(bytes, start + 1, bytes.length, file)
  const end = size.next + size.value
  if (end > bytes.length) {
    throw invalidModule(file, `cut off: this section says ${size.value} bytes, ${bytes.length - size.next} are left`, {
      offset: start,
    })
  }
  const id = bytes[start] ?? 0 // start < bytes.length
  if (id !== 0) return { id, name: undefined, start, contentStart: size.next, end }
  const length = unsignedAt(bytes, size.next, end, file)
  const contentStart = length.next + length.value
  if (contentStart > end)
    throw invalidModule(file, 'the name of this section is longer than the section', { offset: size.next })
  return { id, name: nameOf(bytes.subarray(length.next, contentStart), file, length.next), start, contentStart, end }
}

function nameOf(bytes: Uint8Array, file: string, offset: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw invalidModule(file, 'the name of this section is not UTF-8', { offset, cause })
  }
}

/** An unsigned LEB128 of at most 32 bits that ends before `end`. */
function unsignedAt(bytes: Uint8Array, start: number, end: number, file: string): { value: number; next: number } {
  let value = 0
  for (let at = start; at < Math.min(end, start + 5); at += 1) {
    const byte = bytes[at] ?? 0 // at < bytes.length
    value += (byte & 0x7f) * 2 ** (7 * (at - start))
    if (byte < 0x80) {
      if (value < 2 ** 32) return { value, next: at + 1 }
      break
    }
  }
  throw invalidModule(file, end - start < 5 ? 'cut off in the middle of a length' : 'a length of more than 32 bits', {
    offset: start,
  })
}

function unsigned(value: number): Uint8Array {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 0x80)) {
    if (left < 0x80) return Uint8Array.from([...bytes, left])
    bytes.push((left % 0x80) | 0x80)
  }
}

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean => start.every((byte, at) => bytes[at] === byte)
