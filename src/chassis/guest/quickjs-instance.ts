// One QuickJS, alone in its own WebAssembly instance and memory, metered, with nothing around it: what a script guest lives
// in. The package's loader takes care of the interpreter's C side; strings cross by our own copies, bounds checked.
import packaged from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSEmscriptenModule,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
import { GuestStopped, limitReached } from './guest-stopped.ts'
import type { Meter } from './meter.ts'
import { surroundQuickJs } from './quickjs-imports.ts'

/** The package's types describe its CommonJS half; an `import` gets the variant itself. */
const variant = packaged as unknown as QuickJSSyncVariant

const PAGE_BYTES = 65_536
/** What the binary asks for: its stack of 5 MiB, its data, the first of its heap. Untouched pages take no memory. */
const INITIAL_PAGES = 256
const MOST_PAGES = 32_768
/** Deeper, and the engine's own stack (4 MiB in a worker) would end first. */
const MOST_STACK_BYTES = 1_048_576

export interface QuickJs {
  context: QuickJSContext
  runtime: QuickJSRuntime
  memory: WebAssembly.Memory
  /** Sets what the present call may use. */
  limit(limits: { memoryBytes: number; stackBytes: number }): void
  /** Whether memory was refused since the limits were set. */
  isFull(): boolean
}

export interface QuickJsOptions {
  module: WebAssembly.Module
  meter: Meter
  nowMs: () => number
  /** Maximum of its linear memory, bytes. */
  maximumBytes: number
}

export async function makeQuickJs({ module, meter, nowMs, maximumBytes }: QuickJsOptions): Promise<QuickJs> {
  const maximum = Math.min(Math.max(Math.ceil(maximumBytes / PAGE_BYTES), INITIAL_PAGES), MOST_PAGES)
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum })
  const room = boundGrowth(memory)

  const instantiateWasm = (
    imports: WebAssembly.Imports,
    instantiated: (instance: WebAssembly.Instance) => WebAssembly.Exports,
  ) => {
    const instance = new WebAssembly.Instance(module, {
      a: { ...surroundQuickJs(imports.a ?? {}, { memory, nowMs, meter }), a: memory },
      'infrafabric:meter': { tick: meter.tick },
    })
    meter.attach(instance.exports.__fuel as WebAssembly.Global)
    return instantiated(instance)
  }

  const library = await newQuickJSWASMModuleFromVariant({
    type: 'sync',
    importFFI: variant.importFFI,
    importModuleLoader: async () => async () => {
      const loaded = await variant.importModuleLoader()
      const load = typeof loaded === 'function' ? loaded : loaded.default
      if (typeof load !== 'function') throw new Error('the loader of QuickJS is not where this release expects it')
      // The loader takes more options than its type says; a build of Emscripten documents these.
      const options = { wasmMemory: memory, instantiateWasm, print: ignore, printErr: ignore }
      return copyStringsFast((await load(options as object)) as QuickJSEmscriptenModule)
    },
  })
  const runtime = library.newRuntime()
  runtime.setInterruptHandler(() => meter.failure() !== undefined)
  const context = runtime.newContext()

  return {
    context,
    runtime,
    memory,
    limit({ memoryBytes, stackBytes }) {
      room.reset(Math.max(memoryBytes, INITIAL_PAGES * PAGE_BYTES))
      runtime.setMemoryLimit(memoryBytes)
      runtime.setMaxStackSize(Math.min(stackBytes, MOST_STACK_BYTES))
    },
    isFull: room.isFull,
  }
}

/** Growth goes through the loader, which calls `grow` of this object: a limit below the memory's own maximum. */
function boundGrowth(memory: WebAssembly.Memory): { reset: (limitBytes: number) => void; isFull: () => boolean } {
  let limitBytes = Number.POSITIVE_INFINITY
  let isFull = false
  const grow = (pages: number): number => {
    const bytes = memory.buffer.byteLength + pages * PAGE_BYTES
    // What the loader tries first is more than the guest needs: it asks again for less.
    isFull = bytes > limitBytes
    if (isFull) throw new RangeError('over the memory limit')
    return WebAssembly.Memory.prototype.grow.call(memory, pages)
  }
  Object.defineProperty(memory, 'grow', { value: grow })
  return {
    reset: (bytes) => {
      limitBytes = bytes
      isFull = false
    },
    isFull: () => isFull,
  }
}

/** The loader copies strings a character at a time; these copy them at once, and only inside the memory. */
function copyStringsFast(module: QuickJSEmscriptenModule): QuickJSEmscriptenModule {
  module.lengthBytesUTF8 = (text) => Buffer.byteLength(text)
  module.stringToUTF8 = (text, pointer, size = 0) => {
    if (pointer === 0) throw new GuestStopped(limitReached('memory', 'has no memory left for what it was given'))
    const { buffer } = module.HEAPU8
    const written = Buffer.from(buffer, pointer, size).write(text, 0, size - 1)
    new Uint8Array(buffer)[pointer + written] = 0
  }
  module.UTF8ToString = (pointer) => {
    const from = pointer >>> 0
    const bytes = Buffer.from(module.HEAPU8.buffer)
    const end = from === 0 ? from : bytes.indexOf(0, from)
    return end < 0 ? '' : bytes.toString('utf8', from, end)
  }
  return module
}

function ignore(): void {
  // The interpreter says nothing that is worth a line of the host's.
}
