// Opens a secret for one request: for the origin it goes to, registered for scrubbing before anything is sent.
import { FabricError, isFabricError } from '../foundation/index.ts'
import type { SecretDestination, SecretSource } from '../vault/index.ts'
import type { Scrubber } from './scrub.ts'
import type { Target } from './target.ts'

export interface OpenContext {
  secrets: SecretSource
  scrubber: Scrubber
  /** The origin that secrets are opened for, and the request that they leave with. */
  origin: string
  destination: SecretDestination
}

/** The part of a context that the target says; made again for each redirect. */
export const leavingFor = ({ origin, path }: Target, method: string): Pick<OpenContext, 'origin' | 'destination'> => ({
  origin,
  destination: { method, url: `${origin}${path}` },
})

export async function openSecret(name: string, context: OpenContext): Promise<string> {
  const value = await openKey(name, context)
  context.scrubber.register(value)
  return value
}

/** A secret that signs and never leaves, so that nothing could echo it. */
export const openKey = async (name: string, { secrets, origin, destination }: OpenContext): Promise<string> =>
  (await secrets.open(name, origin, destination)).reveal()

/** What opens, or undefined where the instance has no such secret. Any other failure stays one. */
export const orMissing = <T>(opening: Promise<T>): Promise<T | undefined> =>
  opening.catch((thrown: unknown) => {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_SECRET_MISSING') return undefined
    throw thrown
  })

/** `problem` says what is wrong with a secret and never quotes it. */
export const secretUnreadable = (names: string, problem: string, hint: string): FabricError =>
  new FabricError('IF_ERR_SECRET_UNREADABLE', `${names}: ${problem}`, { hint })
