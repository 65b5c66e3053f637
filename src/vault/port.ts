// What the vault hands to the door: secrets of one instance, opened only for one origin.
import type { Secret } from '../foundation/index.ts'

/** The request that a secret would leave with. */
export interface SecretDestination {
  method: string
  /** Origin and path exactly as they would leave; http(s) also for a websocket, never a query. */
  url: string
}

export interface SecretSource {
  /**
   * Opens a secret for a request to `origin` (scheme://host[:port]). The door says the destination too, again for each
   * redirect; a source that is bound to paths refuses where it is left out.
   * Rejects with IF_ERR_SECRET_MISSING, IF_ERR_SECRET_UNREADABLE when it was bound to another origin, or
   * IF_ERR_CREDENTIAL_DENIED when a scoped credential stands before it and does not cover this.
   */
  open(name: string, origin: string, destination?: SecretDestination): Promise<Secret>
  /**
   * Where what was opened can be renewed: called when a provider refused it. Gives whether opening it again gives another
   * one; rejects where it was to be had and is not (IF_ERR_AUTH_FAILED: a person has to consent again).
   */
  renew?(name: string, refused: Secret, origin: string, destination?: SecretDestination): Promise<boolean>
}
