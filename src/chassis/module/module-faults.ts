// How a module file is refused: with its name, the byte where it is wrong, the rule, and what to do.
import { FabricError } from '../../foundation/index.ts'

/** IF_ERR_MODULE_INVALID: it cannot be a module, wherever it comes from. */
export function invalidModule(
  file: string,
  problem: string,
  options: { offset?: number; field?: string; hint?: string; cause?: unknown } = {},
): FabricError {
  const { offset, field, hint, cause } = options
  const place = offset === undefined ? file : `${file} at byte ${offset}`
  return new FabricError('IF_ERR_MODULE_INVALID', `${place}: ${field ? `${field}: ` : ''}${problem}`, {
    hint: hint ?? 'Get the file again from where it was published, or build it again: ifab chassis build.',
    details: { file, ...(offset === undefined ? {} : { offset }), ...(field ? { field } : {}) },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** IF_ERR_MODULE_UNTRUSTED: it may be a module, but nobody who counts says so. */
export const untrustedModule = (file: string, problem: string, hint: string): FabricError =>
  new FabricError('IF_ERR_MODULE_UNTRUSTED', `${file} ${problem}`, { hint, details: { file } })
