// Core guests from text, metered as the loader does it.
import type { GuestSource } from '../../../../src/chassis/guest-protocol.ts'
import { meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { wat } from '../metering/rig.ts'
import { LIMITS } from './guest-desk.ts'

export const MEMORY_PAGES = 64

/** `memory`, `alloc` that hands out the same place each time, and `$answer` that packs a pointer and a length. */
const FRAME = `
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func $answer (param $pointer i32) (param $length i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32)) (i64.extend_i32_u (local.get $length))))`

/** What is imported, then what is exported beside the frame. */
export const core = (body: string, imports = ''): GuestSource => wasmSource(`${imports} ${FRAME} ${body}`)

export function wasmSource(text: string): GuestSource {
  const { bytes } = meterModule(wat(text), {
    charge: 'exact',
    memory: { maxPages: MEMORY_PAGES },
    tableElements: LIMITS.tableElements,
    callDepth: LIMITS.callDepth,
  })
  return { kind: 'wasm', module: new WebAssembly.Module(bytes) }
}

/** An `execute` that answers with this JSON text, whatever it is asked. */
export const answering = (text: string): string =>
  `(data (i32.const 1024) ${watString(text)})
   (func (export "execute") (param i32 i32) (result i64)
     (call $answer (i32.const 1024) (i32.const ${Buffer.byteLength(text)})))`

/** An `execute` that only runs this. */
export const running = (code: string): string =>
  `(func $execute (export "execute") (param i32 i32) (result i64) ${code})`

export const watString = (text: string): string =>
  `"${[...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}"`
