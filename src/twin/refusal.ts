// A request that the twin refuses before it acts; where it is answered, the vendor's shape is put around it.
import type { TwinFault } from '../adapter/index.ts'

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly kind: TwinFault
  /** Replaces the vendor's own status where HTTP has a clear word for it. */
  readonly status: number | undefined

  constructor(kind: TwinFault, message: string, status?: number) {
    super(message)
    this.kind = kind
    this.status = status
  }
}
