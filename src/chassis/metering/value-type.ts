// The types of values, and the signatures of functions that are made of them.
import type { ByteReader } from './byte-reader.ts'
import { hex, refuseFeature, refuseModule } from './refuse-module.ts'

/** A type of values, as it reads in the text format. */
export type WasmType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref'

export interface WasmSignature {
  params: WasmType[]
  results: WasmType[]
}

const TYPES = new Map<number, WasmType>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
])

export const isValueType = (byte: number): boolean => TYPES.has(byte)

export function readValueType(reader: ByteReader): WasmType {
  const at = reader.offset
  const byte = reader.byte('type of a value')
  const type = TYPES.get(byte)
  if (type !== undefined) return type
  if (byte >= 0x62 && byte <= 0x74) refuseFeature(at, `value type ${hex(byte)}`, 'typed references and GC')
  refuseModule(at, `type of a value expected, found ${hex(byte)}`)
}

export function readReferenceType(reader: ByteReader): WasmType {
  const at = reader.offset
  const type = readValueType(reader)
  if (type !== 'funcref' && type !== 'externref') refuseModule(at, `type of a reference expected, found ${type}`)
  return type
}

export function readSignature(reader: ByteReader): WasmSignature {
  const at = reader.offset
  const form = reader.byte('form of a type')
  if (form >= 0x4d && form <= 0x5f) refuseFeature(at, `type form ${hex(form)}`, 'GC')
  if (form !== 0x60) refuseModule(at, `function type 0x60 expected, found ${hex(form)}`)
  return { params: readTypes(reader), results: readTypes(reader) }
}

function readTypes(reader: ByteReader): WasmType[] {
  return Array.from({ length: reader.count('types of values') }, () => readValueType(reader))
}
