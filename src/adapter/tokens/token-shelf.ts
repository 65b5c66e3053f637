// Where the token of one instance and source is kept: read, written only by who was not overtaken, removed. A token is
// durable before anybody uses it: what renews it may be good for one time only, and then the old one is spent already.
import { FabricError, isFabricError, type Redactor, ulid } from '../../foundation/index.ts'
import {
  type Entry,
  JsonText,
  type LogEntry,
  prefixOf,
  type Revision,
  type Store,
  type Write,
} from '../../store/index.ts'
import { coversOrigin, type Vault } from '../../vault/index.ts'
import { type HeldToken, heldName, parseHeld, standingKey, standingSchema, type TokenStanding } from './token-record.ts'

export interface ShelfParts {
  store: Store
  vault: Vault
  redactor: Redactor
}

/** Tokens that the redactor looks for, of one source. */
const TOLD_MAX = 8

/** Whose token, and where it may go. */
export interface ShelfPlace {
  instance: string
  source: string
  origins: string[]
}

export interface StandingEntry {
  value: TokenStanding
  expect: Revision | 'absent'
}

export interface Shelf {
  /** Undefined where there is none, or none that can be opened for these origins. */
  held(): Promise<HeldToken | undefined>
  standing(): Promise<StandingEntry>
  /** Writes how it stands; undefined where somebody else was faster. */
  swap(entry: StandingEntry, next: TokenStanding): Promise<StandingEntry | undefined>
  /** Keeps a token as the next generation, frees the lease; undefined where another generation is there by now. */
  put(
    from: Pick<TokenStanding, 'id' | 'generation'>,
    token: Omit<HeldToken, 'version' | 'id' | 'generation'>,
    log?: LogEntry[],
  ): Promise<HeldToken | undefined>
}

/** The records of one place. Tokens that were read once are not decrypted again while their record is the same. */
export function openShelf(parts: ShelfParts, { instance, source, origins }: ShelfPlace): Shelf {
  const { store, vault, redactor } = parts
  const key = standingKey(instance, source)
  const [anyOrigin] = origins
  let opened: { revision: Revision; held: HeldToken | undefined } | undefined

  let told: string[] = []
  /** Those of the last renewals too: calls that began with them may be under way. */
  const tell = (held: HeldToken | undefined): void => {
    const secrets = [held?.access, held?.refresh].filter((secret) => secret !== undefined)
    for (const secret of secrets) redactor.add(secret)
    told = [...told.filter((secret) => !secrets.includes(secret)), ...secrets]
    for (const secret of told.slice(0, -TOLD_MAX)) redactor.forget(secret)
    told = told.slice(-TOLD_MAX)
  }

  async function held(): Promise<HeldToken | undefined> {
    if (anyOrigin === undefined) return undefined
    const kept = await vault.kept(instance, heldName(source), anyOrigin).catch((thrown: unknown) => {
      // Of other addresses, or under a lost key: it is no token of ours any more.
      if (isFabricError(thrown) && thrown.code === 'IF_ERR_SECRET_UNREADABLE') return undefined
      throw thrown
    })
    if (!kept) return undefined
    if (opened?.revision === kept.revision) return opened.held
    opened = { revision: kept.revision, held: parseHeld(kept.text) }
    tell(opened.held)
    return opened.held
  }

  async function standing(): Promise<StandingEntry> {
    const entry: Entry<unknown> | undefined = await store.get<never>(key)
    const parsed = standingSchema.safeParse(entry?.value)
    const expect = entry?.revision ?? 'absent'
    return { expect, value: parsed.data ?? { version: 1, id: ulid(), generation: 0 } }
  }

  return {
    held,
    standing,

    async swap({ expect }, next) {
      try {
        const { revisions } = await store.commit([{ key, value: new JsonText(JSON.stringify(next)), expect }])
        return { value: next, expect: revisions[0] ?? 0 }
      } catch (thrown) {
        if (isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT') return undefined
        throw thrown
      }
    },

    async put(from, token, log = []) {
      for (;;) {
        const { value, expect } = await standing()
        if (value.id !== from.id || value.generation !== from.generation) return undefined
        const next: HeldToken = { version: 1, id: value.id, generation: value.generation + 1, ...token }
        tell(next)
        const write: Write = {
          key,
          value: { version: 1, id: next.id, generation: next.generation },
          expect,
        }
        try {
          await vault.keep(instance, heldName(source), JSON.stringify(next), { origins, writes: [write], log })
          return next
        } catch (thrown) {
          // Somebody took the lease, or let it go: the token counts all the same.
          if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
        }
      }
    },
  }
}

/** What is in the open of an instance goes; the vault removes the tokens with its secrets. */
export async function clearShelves(store: Store, instance: string): Promise<void> {
  const entries = await store.range(prefixOf('token', instance))
  if (entries.length === 0) return
  await store.commit(entries.map(({ key }) => ({ key, value: undefined, expect: 'any' })))
}

/** IF_ERR_SECRET_UNREADABLE for an address that is none of the provider's. */
export function checkOrigin({ instance, origins }: ShelfPlace, origin: string): void {
  if (coversOrigin(origins, origin)) return
  throw new FabricError(
    'IF_ERR_SECRET_UNREADABLE',
    `${instance}: its access token goes to ${origins.join(', ')}, not to ${origin}`,
    { details: { instance } },
  )
}
