// What a twin remembers: named collections of things by id. Things are frozen when they are kept, so that a handler
// that would change one in place fails at once, and so that every change has an honest before and after.
import type { TwinState } from '../adapter/index.ts'
import type { JsonObject } from '../foundation/index.ts'

export interface Change {
  collection: string
  id: string
  before: JsonObject | undefined
  /** Undefined where it was deleted. */
  after: JsonObject | undefined
}

export class TwinMemory {
  readonly #collections = new Map<string, Map<string, JsonObject>>()
  readonly #counters = new Map<string, number>()
  #journal: Change[] | undefined

  readonly state: TwinState = (name) => {
    let collection = this.#collections.get(name)
    if (!collection) {
      collection = new Collection((id, before, after) => this.#journal?.push({ collection: name, id, before, after }))
      this.#collections.set(name, collection)
    }
    return collection
  }

  /** `pi_` → `pi_twin_1`, `pi_twin_2` … */
  readonly nextId = (prefix: string): string => {
    const count = (this.#counters.get(prefix) ?? 0) + 1
    this.#counters.set(prefix, count)
    return `${prefix}twin_${count}`
  }

  /** Runs `work` and tells what it changed. Work is synchronous, so calls never mix. */
  observe<T>(work: () => T): { result: T; changes: Change[] } {
    const changes: Change[] = []
    this.#journal = changes
    try {
      return { result: work(), changes }
    } finally {
      this.#journal = undefined
    }
  }

  /** A deep copy of all collections, for tests. */
  snapshot(): Record<string, Record<string, JsonObject>> {
    return Object.fromEntries(
      [...this.#collections].map(([name, things]) => [name, structuredClone(Object.fromEntries(things))]),
    )
  }
}

type Told = (id: string, before: JsonObject | undefined, after: JsonObject | undefined) => void

class Collection extends Map<string, JsonObject> {
  readonly #told: Told

  constructor(told: Told) {
    super()
    this.#told = told
  }

  override set(id: string, thing: JsonObject): this {
    const before = this.get(id)
    super.set(id, deepFreeze(thing))
    this.#told(id, before, thing)
    return this
  }

  override delete(id: string): boolean {
    const before = this.get(id)
    const deleted = super.delete(id)
    if (deleted) this.#told(id, before, undefined)
    return deleted
  }
}

function deepFreeze<T extends object>(thing: T): T {
  if (Object.isFrozen(thing)) return thing
  for (const member of Object.values(thing)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return Object.freeze(thing)
}
