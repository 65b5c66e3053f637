// A request of our own that is under way: takes what the other end says to it and settles once.
import type { FabricError } from '../foundation/index.ts'
import type { WireRequest } from './request.ts'

export interface Settle {
  resolve(value: unknown): void
  reject(error: FabricError): void
}

export class Asked {
  readonly request: WireRequest
  /** Monotonic; Infinity for one without a limit. */
  readonly endsAt: number
  readonly #settle: Settle
  #parts: unknown[] | undefined
  #forget: (() => void)[] | undefined

  constructor(request: WireRequest, endsAt: number, settle: Settle) {
    this.request = request
    this.endsAt = endsAt
    this.#settle = settle
  }

  /** Tells of aborts, until it is settled. */
  listen(abort: (name: string) => void): void {
    for (const [name, signal] of Object.entries(this.request.aborts ?? {})) {
      const tell = () => abort(name)
      if (signal.aborted) tell()
      else {
        signal.addEventListener('abort', tell, { once: true })
        this.#forget ??= []
        this.#forget.push(() => signal.removeEventListener('abort', tell))
      }
    }
  }

  part(elements: unknown[]): void {
    this.#parts ??= []
    this.#parts.push(...elements)
  }

  succeed(value: unknown): void {
    this.#end()
    this.#settle.resolve(this.#parts && Array.isArray(value) ? [...this.#parts, ...value] : value)
  }

  fail(error: FabricError): void {
    this.#end()
    this.#settle.reject(error)
  }

  #end(): void {
    if (this.#forget) for (const forget of this.#forget) forget()
    this.#forget = undefined
  }
}
