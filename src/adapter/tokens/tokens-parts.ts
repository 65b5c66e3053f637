// What access tokens need of a home.
import type { Door } from '../../egress/index.ts'
import type { Clock, Logger, RandomBytes, Redactor } from '../../foundation/index.ts'
import type { Store } from '../../store/index.ts'
import type { Vault } from '../../vault/index.ts'

export interface TokensParts {
  store: Store
  vault: Vault
  door: Door
  clock: Clock
  random: RandomBytes
  redactor: Redactor
  logger: Logger
}
