// Consent of a person to the use of an instance: asked for through whoever can show a page or a code, kept with the instance,
// on record. That it is missing is told before a call fails of it.

import { FabricError, timestamp } from '../foundation/index.ts'
import type { Composition } from './acting.ts'
import type { ConnectedInstance, ConnectInstance } from './port.ts'

export async function connectInstance(
  parts: Composition,
  name: string,
  options: ConnectInstance,
): Promise<ConnectedInstance> {
  const { redirectUri } = options
  if (redirectUri !== undefined && !LOOPBACK.test(redirectUri)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(redirectUri)} is no address on loopback`, {
      hint: 'A code that comes back is for this machine alone: http://127.0.0.1:PORT/…',
    })
  }
  const instance = await parts.instances.get(name)
  const provider = await parts.providerOf(instance.provider)
  const owner = { provider, instance, secrets: parts.secretsOf(instance, provider) }
  const { actor, session, why } = parts.acting
  const connected = await parts.tokens.connect(owner, {
    ...options,
    logOf: ({ scopes }) => [
      {
        kind: 'instance.connect',
        at: timestamp(parts.clock.now()),
        actor,
        session,
        ...(why ? { why } : {}),
        instance: instance.name,
        provider: instance.provider,
        detail: { scopes },
      },
    ],
  })
  return { instance: name, ...connected }
}

const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d{1,5}\/[A-Za-z0-9/_-]*$/

/** The consent that an instance lacks. */
export async function missingConsentOf(parts: Composition, name: string): Promise<FabricError | undefined> {
  const instance = await parts.instanceOf(name)
  const provider = await parts.providerOf(instance.provider)
  return parts.tokens.missingConsent({ provider, instance, secrets: parts.secretsOf(instance, provider) })
}
