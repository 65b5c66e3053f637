// Core modules from text, as the loader gives them: held to the interface and metered under their contract.
import { wasmSource } from '../../../../src/chassis/module/load-module.ts'
import type { LoadedModule } from '../../../../src/chassis/module/loaded-module.ts'
import { sha256Hex } from '../../../../src/foundation/index.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { wat } from '../../../unit/chassis/metering/rig.ts'

export type Requirements = Parameters<typeof guestModule>[2]

/** `memory`, `alloc` that hands out one place, `describe`, and `$answer` that packs a pointer and a length. */
const FRAME = `
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func $answer (param $pointer i32) (param $length i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32)) (i64.extend_i32_u (local.get $length))))
  (func (export "describe") (param i32 i32) (result i64) (i64.const 0))`

export function coreModule(id: string, bytes: Uint8Array, requirements: Requirements = {}): LoadedModule {
  const module = guestModule(id, '', requirements)
  return {
    ...module,
    digest: sha256Hex(Buffer.concat([Buffer.from(id), bytes])),
    source: wasmSource(bytes, module.contract, undefined, id),
  }
}

/** A module whose `execute` is this code; `rest` stands before it, `imports` before all. */
export function coreText(code: string, { rest = '', imports = '' } = {}): string {
  const log = '(import "infrafabric" "log" (func $log (param i32 i32 i32)))'
  return `${log} ${imports} ${FRAME} ${rest}
    (func $execute (export "execute") (param i32 i32) (result i64) ${code})`
}

/** An expression that answers with this JSON text; its bytes lie at 1024. */
export const answerText = (text: string) => ({
  code: `(call $answer (i32.const 1024) (i32.const ${Buffer.byteLength(text)}))`,
  rest: `(data (i32.const 1024) "${[...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}")`,
})

/** Answers with what it is asked. */
export const coreEcho = (id: string, requirements?: Requirements): LoadedModule =>
  coreModule(id, wat(coreText('(call $answer (local.get 0) (local.get 1))')), requirements)
