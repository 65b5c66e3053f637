// What a signature is made of: a request as it leaves, at a time.
import type { Clock, RandomBytes } from '../../foundation/index.ts'
import type { FillContext, FilledRequest } from '../fill.ts'

export interface SignContext extends FillContext {
  clock: Clock
  /** For nonces. Default: the system's. */
  randomBytes?: RandomBytes
}

export interface Signing {
  method: string
  /** `scheme://host[:port]` */
  origin: string
  filled: FilledRequest
  context: SignContext
  nowMs: number
  randomBytes: RandomBytes
}
