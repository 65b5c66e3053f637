// Events of vendors in the store: each once by (instance, vendor's id), durable before the vendor gets its answer. A mark of
// the id is written first and the event behind it, so that a store which applies a commit in part never makes a second one.
import { type Clock, type JsonObject, type Redactor, sha256Hex, timestamp, ulid } from '../foundation/index.ts'
import { keyOf, prefixOf, retryConflict, type Store, type Write } from '../store/index.ts'
import type { HookEventRecord } from './hooks-port.ts'

export const HOOKS_ACTOR = 'if://service/webhooks'

export const eventsPrefix = (instance?: string): string =>
  instance === undefined ? prefixOf('hook', 'event') : prefixOf('hook', 'event', instance)

const eventKey = (instance: string, id: string): string => keyOf('hook', 'event', instance, id)
const seenKey = (instance: string, event: string): string => keyOf('hook', 'seen', instance, sha256Hex(event))

export interface StoreParts {
  store: Store
  clock: Clock
  redactor: Redactor
}

export interface Arrived {
  instance: string
  provider: string
  events: readonly { id: string; type: string; at?: string; data: JsonObject }[]
  /** SHA-256 of the delivery's bytes. */
  digest: string
}

/** Keeps what wasn't kept before; resolves with those, after the commit is durable. */
export async function keepEvents(parts: StoreParts, arrived: Arrived): Promise<HookEventRecord[]> {
  const { store, clock, redactor } = parts
  const { instance, provider, digest } = arrived
  const events = [...new Map(arrived.events.map((event) => [event.id, event])).values()]
  return retryConflict(async () => {
    const receivedAt = timestamp(clock.now())
    const fresh: HookEventRecord[] = []
    const writes: Write[] = []
    for (const { id: event, type, at, data } of events) {
      const seen = await store.get<string>(seenKey(instance, event))
      if (seen && (await store.get(eventKey(instance, seen.value)))) continue
      const id = seen?.value ?? ulid()
      // A vendor may send back what proves the delivery: the secret itself isn't part of the event.
      const clean = JSON.parse(redactor.text(JSON.stringify(data))) as JsonObject
      const record = { id, instance, provider, event, type, at: at ?? null, receivedAt, data: clean }
      fresh.push(record)
      if (!seen) writes.push({ key: seenKey(instance, event), value: id, expect: 'absent' })
      writes.push({ key: eventKey(instance, id), value: record, expect: 'absent' })
    }
    if (writes.length > 0) {
      await store.commit(
        writes,
        fresh.map(({ id, event, type }) => ({
          kind: 'hook.event',
          at: receivedAt,
          actor: HOOKS_ACTOR,
          instance,
          provider,
          request: digest,
          detail: { id, event: event.slice(0, 200), type },
        })),
      )
    }
    return fresh
  })
}

/** Forgets events that came before; a mark goes behind its event, so that a kill in between makes no second one. */
export async function sweepHooks({ store }: Pick<StoreParts, 'store'>, beforeMs: number): Promise<void> {
  for (const { key, value } of await store.range<HookEventRecord>(eventsPrefix())) {
    if (Date.parse(value.receivedAt) >= beforeMs) continue
    const seen = seenKey(value.instance, value.event)
    await store.commit([
      { key, value: undefined, expect: 'any' },
      { key: seen, value: undefined, expect: 'any' },
    ])
  }
}
