// Rewrites the code section, function by function, within bounds for what goes in and what comes out.
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { Charges } from './charges.ts'
import { FunctionBody } from './function-body.ts'
import type { MeterOptions } from './meter-options.ts'
import type { ModuleShape } from './module-shape.ts'
import { refuseModule } from './refuse-module.ts'

const MAX_CODE_BYTES = 10 * 2 ** 20
/** Metered code of compilers is about twice as large; only code made for it grows more than four times. */
const MAX_METERED_BYTES = 4 * MAX_CODE_BYTES
const SMALLER = 'Make the module smaller.'

export function rewriteCode(section: ByteReader, shape: ModuleShape, options: MeterOptions): Uint8Array {
  const start = section.offset
  if (section.left > MAX_CODE_BYTES) {
    refuseModule(start, `${section.left} bytes of code, at most ${MAX_CODE_BYTES} are supported`, SMALLER)
  }
  const count = section.count('functions with code')
  const declared = shape.functions.length - shape.importedFunctions
  if (count !== declared) refuseModule(start, `code of ${count} functions, declared are ${declared}`)
  const out = new ByteWriter(section.left * 2)
  const body = new FunctionBody(shape, new Charges(shape), options)
  out.u32(count)
  for (let index = shape.importedFunctions; index < shape.functions.length; index++) {
    const at = section.offset
    body.copy(section.part(section.u32('size of a function'), 'function'), index, out)
    if (out.length > MAX_METERED_BYTES) {
      refuseModule(at, `metered code of more than ${MAX_METERED_BYTES} bytes`, SMALLER)
    }
  }
  section.finish('code')
  return out.written
}
