// Modules from text, metered and run as a host does it: with fuel in slices, and an end.
import wabt from 'wabt'
import { type MeterOptions, meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { isFabricError } from '../../../../src/foundation/index.ts'

const FEATURES = {
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
}
const { parseWat } = await wabt()

/** A module from its text; `features` beyond those that metering knows. */
export function wat(text: string, features: Record<string, boolean> = {}): Uint8Array {
  const module = parseWat('test.wat', `(module ${text})`, { ...FEATURES, ...features })
  try {
    // A copy: the buffer is of wabt's own memory.
    return module.toBinary({ write_debug_names: true }).buffer.slice()
  } finally {
    module.destroy()
  }
}

export async function assemblyScript(source: string, flags: string[] = []): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array | string>()
  const args = ['module.ts', '-o', 'module.wasm', '--runtime', 'stub', '-O2', '--use', 'abort=', ...flags]
  // Large, and of use to one test alone.
  const { default: asc } = await import('assemblyscript/asc')
  const { error, stderr } = await asc.main(args, {
    readFile: (name) => (name === 'module.ts' ? source : null),
    writeFile: (name, contents) => {
      files.set(name, contents)
    },
    listFiles: () => [],
  })
  const bytes = files.get('module.wasm')
  if (error !== null || !(bytes instanceof Uint8Array)) throw new Error(`asc: ${stderr.toString()}`, { cause: error })
  return bytes
}

/** Exports `f`: how many primes there are below its argument. */
export const PRIMES = `(func $isPrime (param $n i32) (result i32) (local $d i32)
    (local.set $d (i32.const 2))
    (loop $next
      (if (i32.gt_u (i32.mul (local.get $d) (local.get $d)) (local.get $n)) (then (return (i32.const 1))))
      (if (i32.eqz (i32.rem_u (local.get $n) (local.get $d))) (then (return (i32.const 0))))
      (local.set $d (i32.add (local.get $d) (i32.const 1)))
      (br $next))
    unreachable)
  (func (export "f") (param $below i32) (result i32) (local $n i32) (local $found i32)
    (local.set $n (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $n) (local.get $below)))
        (local.set $found (i32.add (local.get $found) (call $isPrime (local.get $n))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $found))`

export class FuelUsedUp extends Error {}

export interface Running {
  call(name: string, ...args: (number | bigint)[]): unknown
  exports: WebAssembly.Exports
  /** All that was charged. */
  used(): number
  ticks(): number
  setDepth(left: number): void
  depth(): number
}

export interface RunOptions extends Partial<MeterOptions> {
  /** In all; default 1,000,000. */
  fuel?: number
  slice?: number
  imports?: WebAssembly.Imports
}

/** Meters, instantiates and stands ready to call; nothing of the module has run yet. */
export function runMetered(bytes: Uint8Array, options: RunOptions = {}): Running {
  const { fuel = 1_000_000, slice = 10_000, imports = {}, ...metering } = options
  const metered = meterModule(bytes, { charge: 'exact', ...metering })
  let granted = 0n
  let ticks = 0
  const tick = (): void => {
    ticks += 1
    while (counter.value < 0n) {
      if (granted >= BigInt(fuel)) throw new FuelUsedUp(`${granted} units`)
      granted += BigInt(slice)
      counter.value += BigInt(slice)
    }
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
    ...imports,
    'infrafabric:meter': { tick },
  })
  const { exports } = instance
  const counter = exports.__fuel as WebAssembly.Global<bigint>
  const depth = exports.__depth as WebAssembly.Global<number>
  return {
    call: (name, ...args) => (exports[name] as (...args: (number | bigint)[]) => unknown)(...args),
    exports,
    used: () => Number(granted - counter.value),
    ticks: () => ticks,
    setDepth: (left) => {
      depth.value = left
    },
    depth: () => depth.value,
  }
}

/** What a binary is refused with: its message, and where. */
export function refusalOf(
  bytes: Uint8Array,
  options: Partial<MeterOptions> = {},
): { message: string; offset: unknown; hint: string | undefined } | undefined {
  try {
    meterModule(bytes, { charge: 'exact', ...options })
  } catch (error) {
    if (!isFabricError(error) || error.code !== 'IF_ERR_MODULE_INVALID') throw error
    return { message: error.message, offset: error.details.offset, hint: error.hint }
  }
  return undefined
}
