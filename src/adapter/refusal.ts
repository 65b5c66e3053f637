// A definition refuses what its vendor cannot represent, before anything is sent.
import { FabricError } from '../foundation/index.ts'

/** An IF_ERR_UNSUPPORTED to throw from a request builder. */
export const unsupported = (message: string, hint: string): FabricError =>
  new FabricError('IF_ERR_UNSUPPORTED', message, { hint })
