// The one way in which a wasm binary is refused: named, with the offset of the byte at which it went wrong.
import { FabricError } from '../../foundation/index.ts'

export function refuseModule(
  offset: number,
  fault: string,
  hint = 'Build the module again: the file is damaged.',
): never {
  throw new FabricError('IF_ERR_MODULE_INVALID', `wasm byte ${offset}: ${fault}`, { hint, details: { offset } })
}

/** For what is valid WebAssembly, and not supported here. */
export function refuseFeature(offset: number, found: string, feature: string): never {
  refuseModule(offset, `${found} belongs to ${feature}: not supported`, `Build the module without ${feature}.`)
}

export const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`
