// A request of the other end while it is performed here: its aborts, its callbacks, and how many items of a stream its
// reader takes.
import { FabricError } from '../foundation/index.ts'

/** How a request's sender is called back; the same for all requests of a connection. */
export interface ServedLinks {
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal
  tell(id: number, name: string, args: unknown[]): void
  ask(id: number, name: string, args: unknown[]): Promise<unknown>
}

export class Served {
  readonly call: string
  readonly args: unknown[]
  readonly quiet: boolean
  readonly #id: number
  readonly #has: readonly string[]
  readonly #links: ServedLinks
  // Most requests are neither given up nor streams: what these need is made when they are.
  #aborts: Map<string, AbortController> | undefined
  /** Aborts that came before anybody listened. */
  #early: Set<string> | undefined
  #credit: number
  #hungry: (() => void) | undefined

  constructor(
    frame: { id: number; call: string; args: unknown[]; has?: string[]; more?: number; quiet?: true },
    links: ServedLinks,
  ) {
    this.#id = frame.id
    this.call = frame.call
    this.args = frame.args
    this.quiet = frame.quiet === true
    this.#has = frame.has ?? NONE
    this.#credit = frame.more ?? 0
    this.#links = links
  }

  /** Aborted when the connection is gone. */
  get gone(): AbortSignal {
    return this.#links.gone
  }

  /** Whether its sender offers this abort or callback. */
  has(name: string): boolean {
    return this.#has.includes(name)
  }

  /** Aborted when the sender says so. */
  signal(name: string): AbortSignal {
    this.#aborts ??= new Map()
    const known = this.#aborts.get(name)
    if (known) return known.signal
    const made = new AbortController()
    this.#aborts.set(name, made)
    if (this.#early?.has(name)) made.abort(givenUp())
    return made.signal
  }

  abort(name: string): void {
    const known = this.#aborts?.get(name)
    this.#early ??= new Set()
    if (known) known.abort(givenUp())
    else if (this.#early.size < 8) this.#early.add(name)
    this.#hungry?.()
  }

  /** Calls back and doesn't wait. */
  tell(name: string, ...args: unknown[]): void {
    this.#links.tell(this.#id, name, args)
  }

  /** Calls back for an answer. */
  ask(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#links.ask(this.#id, name, args)
  }

  more(count: number): void {
    this.#credit += count
    this.#hungry?.()
  }

  /** Waits until the reader takes another item; false once it has left. */
  async takes(): Promise<boolean> {
    while (this.#credit === 0 && !this.#hasLeft()) {
      await new Promise<void>((resolve) => {
        this.#hungry = resolve
      })
      this.#hungry = undefined
    }
    if (this.#hasLeft()) return false
    this.#credit--
    return true
  }

  /** The connection is gone. */
  drop(): void {
    this.#hungry?.()
  }

  #hasLeft(): boolean {
    return (
      this.gone.aborted || this.#early?.has('signal') === true || this.#aborts?.get('signal')?.signal.aborted === true
    )
  }
}

const NONE: readonly string[] = []
const givenUp = (): FabricError => new FabricError('IF_ERR_CANCELLED', 'the caller gave it up')
