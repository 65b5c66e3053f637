// What the vault hands to the door: secrets of one instance, opened only for one origin.
import type { Secret } from '../foundation/index.ts'

export interface SecretSource {
  /**
   * Opens a secret for a request to `origin` (scheme://host[:port]).
   * Rejects with IF_ERR_SECRET_MISSING, or IF_ERR_SECRET_UNREADABLE when it was bound to another origin.
   */
  open(name: string, origin: string): Promise<Secret>
}
