// Deliveries of vendors, from the daemon's door to the store: proven, kept once, and only then answered with a success.
// Who is refused learns nothing; the home learns it once a minute for an instance, however often it happens.
import { openKeyShelf, readDelivery, receiveDelivery } from '../adapter/index.ts'
import {
  FabricError,
  isFabricError,
  type JsonObject,
  sha256Hex,
  timestamp,
  toFabricError,
} from '../foundation/index.ts'
import type { HomeParts } from './compose.ts'
import type { HookOutcome, HookReceiver } from './hook-port.ts'
import { HOOKS_ACTOR, keepEvents } from './hook-records.ts'
import { hookBase, hookUrl } from './hooks.ts'

const QUIET_MS = 60_000

/** Rejects only where the home can't keep anything, or a vendor's key can't be fetched: the vendor sends again. */
export function openHookReceiver(parts: HomeParts): HookReceiver {
  const keys = openKeyShelf()
  const tally = new Map<string, { since: number; more: number }>()

  async function refused(instance: string, provider: string, reason: string): Promise<void> {
    const now = parts.clock.now()
    const last = tally.get(instance)
    if (last && now - last.since < QUIET_MS) {
      last.more += 1
      return
    }
    const detail: JsonObject = { reason, ...(last?.more ? { unreportedBefore: last.more } : {}) }
    tally.set(instance, { since: now, more: 0 })
    parts.logger.warn('a webhook delivery was refused', { instance, ...detail })
    const at = timestamp(now)
    await parts.store.commit([], [{ kind: 'hook.refused', at, actor: HOOKS_ACTOR, instance, provider, detail }])
  }

  return async ({ instance: name, method, search, headers, bytes }) => {
    const base = hookBase(parts)
    const instance = await parts.instances.find(name).catch(unknownName)
    const provider = instance && (await parts.providerOf(instance.provider))
    if (!instance || !provider?.definition.webhooks || base === undefined) return status(404)
    const url = hookUrl(base, name) + search
    if (!URL.canParse(url)) return status(400)
    const received = await receiveDelivery({
      provider,
      instance,
      secrets: parts.secretsOf(instance, provider),
      door: parts.door,
      delivery: readDelivery({ method, url, headers, bytes }),
      keys,
      now: parts.clock.now(),
    }).catch((thrown: unknown) => unproven(name, thrown))
    switch (received.kind) {
      case 'refused':
        await refused(name, provider.definition.id, received.reason)
        return status(received.status)
      case 'handshake':
        parts.logger.info('a vendor has asked for a webhook', { instance: name })
        return { ...received.answer, isRefused: false }
      case 'events': {
        const { events } = received
        const digest = sha256Hex(bytes)
        const fresh = await keepEvents(parts, { instance: name, provider: provider.definition.id, events, digest })
        parts.logger.debug('webhook events', { instance: name, events: events.length, new: fresh.length })
        return { ...received.answer, isRefused: false }
      }
    }
  }
}

const status = (code: number): HookOutcome => ({ status: code, headers: {}, body: '', isRefused: true })

/** What can't be the name of an instance is none. */
function unknownName(thrown: unknown): undefined {
  if (isFabricError(thrown) && thrown.code === 'IF_ERR_INVALID_INPUT') return undefined
  throw thrown
}

/** A key that can't be fetched now, a secret that can't be read now: the vendor sends again. */
function unproven(instance: string, thrown: unknown): never {
  const cause = toFabricError(thrown)
  throw new FabricError(cause.code, `${instance}: a delivery can't be proven: ${cause.message}`, {
    cause,
    retryable: true,
  })
}
