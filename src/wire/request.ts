// A request as its sender says it.

export interface WireRequest {
  call: string
  args: readonly unknown[]
  /** Ways to give it up, by name: `signal`, `stop`. */
  aborts?: Readonly<Record<string, AbortSignal>> | undefined
  /** What its performer may call meanwhile, by name. What one returns is the answer. */
  callbacks?: Readonly<Record<string, (...args: unknown[]) => unknown>> | undefined
  /** Milliseconds until IF_ERR_TIMEOUT; undefined waits as long as the connection lives. */
  limitMs?: number | undefined
  /** Only whether it worked matters: the answer is left out. */
  quiet?: boolean
}
