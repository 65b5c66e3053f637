// Cedar itself, WebAssembly: loaded when the first policy has to be parsed or evaluated and not before, since that costs a
// process some 100 ms. What is nested too deeply traps inside it and leaves its memory in any state, so the engine is then
// thrown away and the next call gets a fresh one; the caller gets `trapped` and must take it for a refusal.
import { createRequire } from 'node:module'
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs'

export type CedarModule = typeof Cedar

const MODULE = '@cedar-policy/cedar-wasm/nodejs'

/** Parsed policy sets that the engine keeps at a time. */
const MOST_SETS = 1_024

interface Engine {
  cedar: CedarModule
  /** Sets that it holds, by key, the longest unused first; the value is the name that it knows one by. */
  sets: Map<string, string>
}

// One for the process: the memory of the module is that of the process, whoever loads it.
let engine: Engine | undefined

/** Calls the engine; `trapped` when it broke at that. */
export function withCedar<T>(call: (cedar: CedarModule, engine: Engine) => T): T | 'trapped' {
  engine ??= { cedar: load(), sets: new Map() }
  try {
    return call(engine.cedar, engine)
  } catch (thrown) {
    if (!isTrap(thrown)) throw thrown
    engine = undefined
    return 'trapped'
  }
}

/** The name of a set of policies that the engine holds parsed; `key` stands for exactly these policies. */
export function parsedSet({ cedar, sets }: Engine, key: string, policies: () => Record<string, string>): string {
  const known = sets.get(key)
  if (known !== undefined) {
    sets.delete(key)
    sets.set(key, known)
    return known
  }
  const oldest = sets.size < MOST_SETS ? undefined : sets.keys().next().value
  const name = (oldest === undefined ? undefined : sets.get(oldest)) ?? `set${sets.size}`
  if (oldest !== undefined) sets.delete(oldest)
  const answer = cedar.preparsePolicySet(name, { staticPolicies: policies() })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  sets.set(key, name)
  return name
}

/** Whether this process has loaded the engine. */
export const isCedarLoaded = (): boolean => engine !== undefined

const isTrap = (thrown: unknown): boolean =>
  thrown instanceof RangeError || (thrown instanceof Error && thrown.name === 'RuntimeError')

function load(): CedarModule {
  const require = createRequire(import.meta.url)
  delete require.cache[require.resolve(MODULE)]
  return require(MODULE) as CedarModule // typed by the package that is loaded
}
