// What a module imports and exports, as far as a loader must know it.
import type { WasmSignature } from './value-type.ts'

/** Tables, globals and tags cannot be imported. */
export type WasmEntity = { kind: 'function'; signature: WasmSignature } | { kind: 'memory' | 'table' | 'global' }

export type WasmImport = WasmEntity & { module: string; name: string }
export type WasmExport = WasmEntity & { name: string }
