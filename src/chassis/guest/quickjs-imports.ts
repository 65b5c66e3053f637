// What the interpreter imports, as far as it would reach the machine: clock, time zone, environment, standard output, the
// process. Its build names imports by single letters; quickjs-module.ts pins the binary that these letters belong to.
// So `Date` follows the call's clock at its root, in UTC, and no property of the guest's realm leads to another clock.
import { GuestStopped } from './guest-stopped.ts'
import type { Meter } from './meter.ts'

export interface Surroundings {
  memory: WebAssembly.Memory
  nowMs: () => number
  meter: Meter
}

type ImportedFunctions = Record<string, (...parameters: never[]) => unknown>

const DAY_MS = 86_400_000
const NO_FILE = 70

/** The interpreter's own imports with those replaced that reach outside; the rest concern its own memory. */
export function surroundQuickJs(imports: object, { memory, nowMs, meter }: Surroundings): ImportedFunctions {
  const inherited = imports as ImportedFunctions
  const view = () => new DataView(memory.buffer)
  const write32 = (at: number, ...values: number[]) => {
    const words = view()
    for (const [index, value] of values.entries()) words.setInt32(at + 4 * index, value, true)
  }

  const outside: ImportedFunctions = {
    // A call of a host's function: the library's work around it is the host's too.
    s: (...given: never[]) => meter.asHost(() => inherited.s?.(...given)),
    // emscripten_date_now
    p: nowMs,
    // localtime_r(seconds, struct tm *): the zone is UTC
    m: (seconds: bigint, at: number) => {
      const ms = 1_000 * Number(seconds)
      const date = new Date(ms)
      const dayOfYear = Math.floor((ms - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS)
      write32(at, date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours(), date.getUTCDate())
      write32(at + 16, date.getUTCMonth(), date.getUTCFullYear() - 1900, date.getUTCDay(), dayOfYear, 0, 0)
    },
    // tzset(offset *, has daylight saving *, name, name of daylight saving)
    n: (offset: number, daylight: number, ...names: number[]) => {
      write32(offset, 0)
      write32(daylight, 0)
      for (const name of names) new Uint8Array(memory.buffer).set([0x55, 0x54, 0x43, 0], name)
    },
    // setitimer
    j: () => 0,
    // environ_get, environ_sizes_get
    e: () => 0,
    f: (count: number, size: number) => {
      write32(count, 0)
      write32(size, 0)
      return 0
    },
    // fd_close, fd_seek, fd_write
    d: () => NO_FILE,
    o: () => NO_FILE,
    c: () => NO_FILE,
    // proc_exit, abort, a failed assertion
    r: () => endInterpreter('it exited'),
    q: () => endInterpreter('it gave up'),
    b: () => endInterpreter('an assertion of it failed'),
  }
  return { ...inherited, ...outside }
}

function endInterpreter(reason: string): never {
  throw new GuestStopped({ kind: 'failed', message: `the interpreter ended: ${reason}` })
}
