// Reading what vendors have sent. A reader has the words of strangers about private things: the session is marked before it
// gets the first of them.
import { hookSetupOf } from '../adapter/index.ts'
import { didYouMean, FabricError, type JsonObject, optional, timestamp } from '../foundation/index.ts'
import type { Entry } from '../store/index.ts'
import type { Composition } from './acting.ts'
import { eventsPrefix } from './hook-records.ts'
import type { HookAddress, HookEventRecord, HookFilter, Hooks } from './hooks-port.ts'

export const HOOK_PATH = '/hooks/'

/** What the touched view and denials name. */
const READ = 'hook.read'
const LABELS = { reads: 'private', returns: 'untrusted', sends: 'none' } as const
const DEFAULT_LIMIT = 20

/** `closing` ends what is watched. */
export function hooksOf(parts: Composition, closing: AbortSignal): Hooks {
  const { store } = parts

  async function newestFirst({ instance, type }: HookFilter): Promise<HookEventRecord[]> {
    const entries: Entry<HookEventRecord>[] = await store.range(eventsPrefix(instance))
    return entries
      .map(({ value }) => value)
      .filter(typeFilter(type))
      .sort((a, b) => (a.id < b.id ? 1 : -1))
  }

  return {
    async hookEvents({ sinceMs, limit = DEFAULT_LIMIT, ...filter } = {}) {
      const since = sinceMs === undefined ? '' : timestamp(parts.clock.now() - sinceMs)
      const found = (await newestFirst(filter)).filter(({ receivedAt }) => receivedAt >= since).slice(0, limit)
      await touch(parts, found)
      return found
    },
    async hookEvent(reference) {
      const record = pick(await newestFirst({}), reference)
      await touch(parts, [record])
      return record
    },
    async *watchHookEvents({ after, signal, ...filter } = {}) {
      const ends = signal ? AbortSignal.any([signal, closing]) : closing
      // Watched before it is read, so that nothing comes in between.
      const changes = store.watch(eventsPrefix(filter.instance), { signal: ends })
      const isWanted = typeFilter(filter.type)
      const told = new Set<string>()
      const marked = new Set<string>()
      const mark = async (record: HookEventRecord) => {
        if (!marked.has(record.instance)) await touch(parts, [record])
        marked.add(record.instance)
      }
      if (after !== undefined) {
        const earlier = (await newestFirst(filter)).filter(({ id }) => id > after).reverse()
        for (const record of earlier) {
          await mark(record)
          told.add(record.id)
          yield record
        }
      }
      for await (const { value } of changes) {
        if (value === undefined) continue
        const record = value as unknown as HookEventRecord // only events are written under this prefix
        if (told.delete(record.id) || !isWanted(record)) continue
        await mark(record)
        yield record
      }
    },
    hookAddresses: (instance) => addresses(parts, instance),
  }
}

function typeFilter(type: string | undefined): (record: HookEventRecord) => boolean {
  if (type === undefined) return () => true
  const start = type.endsWith('*') ? type.slice(0, -1) : undefined
  return (record) => (start === undefined ? record.type === type : record.type.startsWith(start))
}

async function touch(parts: Composition, records: readonly HookEventRecord[]): Promise<void> {
  const { actor, session, swarm, why } = parts.acting
  const instances = new Map(records.map(({ instance, provider }) => [instance, provider]))
  for (const [instance, provider] of instances) {
    const touched = await parts.sequences.touch({
      actor,
      session,
      ...optional('swarm', swarm),
      instance,
      operation: READ,
      labels: LABELS,
      input: {},
    })
    if (!touched) continue
    const entry: JsonObject = { kind: READ, at: timestamp(parts.clock.now()), actor, session, instance, provider }
    const { sequences } = await parts.store.commit([], [{ ...entry, ...optional('why', why) }])
    await touched.placed(sequences[0] ?? -1)
  }
}

function pick(records: readonly HookEventRecord[], reference: string): HookEventRecord {
  const wanted = reference.toUpperCase()
  const exact = records.find(({ id, event }) => id === wanted || event === reference)
  if (exact) return exact
  const [newest] = records
  if (reference === 'last' && newest) return newest
  const [found, second] = records.filter(({ id }) => wanted !== '' && id.includes(wanted))
  if (found && !second) return found
  throw new FabricError(
    'IF_ERR_NOT_FOUND',
    second ? `${reference} names more than one event` : `there is no event ${JSON.stringify(reference)}`,
    {
      hint: second
        ? 'Write more of its id.'
        : (didYouMean(
            reference,
            records.map(({ event }) => event),
          ) ?? 'Events are kept as long as config.yaml says (hooks.keepFor).'),
      next: 'ifab hook list',
    },
  )
}

async function addresses(parts: Composition, only: string | undefined): Promise<HookAddress[]> {
  const instances = only === undefined ? await parts.instances.list() : [await parts.instances.get(only)]
  const found = await Promise.all(
    instances.map(async ({ name, provider, secrets }): Promise<HookAddress[]> => {
      const loaded = await parts.catalogue.load(provider).catch(() => undefined) // told of by doctor
      const { webhooks } = loaded?.definition ?? {}
      if (!loaded || !webhooks) return []
      const needed = hookSetupOf(webhooks)
      const base = hookBase(parts)
      return [
        {
          instance: name,
          provider: loaded.definition.id,
          url: base === undefined ? null : hookUrl(base, name),
          secrets: needed.secrets,
          missing: needed.secrets.filter((secret) => secrets[secret] === undefined),
          setup: needed.setup,
        },
      ]
    }),
  )
  return found.flat()
}

/** The daemon's public address; its own on this machine where it has none. */
export const hookBase = ({ config, hookDoor }: Pick<Composition, 'config' | 'hookDoor'>): string | undefined =>
  hookDoor.publicUrl ?? config.publicUrl ?? hookDoor.localUrl

export const hookUrl = (base: string, instance: string): string =>
  `${base.replace(/\/+$/, '')}${HOOK_PATH}${encodeURIComponent(instance)}`
