// Access tokens of the instances of a home: a source of secrets that also opens the access token of the provider's auth,
// got, kept and renewed as its definition says. Tokens are bound to instance and origins like any secret, encrypted at rest
// under names that no secret has, and go with the instance.
import { FabricError, Secret } from '../../foundation/index.ts'
import type { SecretSource } from '../../vault/index.ts'
import { authsOf } from '../auths.ts'
import { ACCESS_TOKEN, type ProviderDefinition, type TokenSource } from '../definition.ts'
import { originsOf } from '../origins.ts'
import { tokenNameOf } from './call-secrets.ts'
import { type Connected, type ConnectOptions, connect } from './consent.ts'
import { openMemoryShelf } from './memory-shelf.ts'
import { openKeeper, type TokenKeeper } from './token-keeper.ts'
import type { TokenOwner } from './token-request.ts'
import { checkOrigin, clearShelves, openShelf, type Shelf, type ShelfPlace } from './token-shelf.ts'
import type { TokensParts } from './tokens-parts.ts'

export interface Tokens {
  /**
   * The secrets of an instance with its access tokens. With `trial` a token that needs no person is got anew and kept in
   * memory only, so that credentials are tried as they are now.
   */
  source(owner: TokenOwner, options?: { trial?: boolean }): SecretSource
  /** Has a person consent; IF_ERR_UNSUPPORTED where the provider knows no consent. */
  connect(owner: TokenOwner, options: ConnectOptions): Promise<Connected>
  /** The consent that a person has still to give, or give again: the error that a call would fail with. */
  missingConsent(owner: TokenOwner): Promise<FabricError | undefined>
  /** Forgets how the tokens of an instance stand; the vault forgets the tokens. */
  forget(instance: string): Promise<void>
}

/** Whether a person has to consent before a provider can be used. */
export const needsConsent = (definition: ProviderDefinition): boolean =>
  sourcesOf(definition).some((source) => source.consent !== undefined && !source.request('first', {}))

/** Opens the access tokens of a home. */
export function openTokens(parts: TokensParts): Tokens {
  const shelfOf = (owner: TokenOwner, source: TokenSource): Shelf => openShelf(parts, placeOf(owner, source))
  const keeperOf = (owner: TokenOwner, source: TokenSource): TokenKeeper =>
    openKeeper(parts, owner, source, shelfOf(owner, source))

  return {
    source(owner, { trial = false } = {}) {
      const sources = sourcesOf(owner.provider.definition)
      const [first] = sources
      if (!first) return owner.secrets
      const keepers = new Map<string, { keeper: TokenKeeper; place: ShelfPlace }>()
      for (const source of sources) {
        const inMemory = trial && source.request('first', {}) !== undefined
        const shelf = inMemory ? openMemoryShelf(parts) : shelfOf(owner, source)
        const entry = { keeper: openKeeper(parts, owner, source, shelf), place: placeOf(owner, source) }
        keepers.set(tokenNameOf(source), entry)
        if (source === first) keepers.set(ACCESS_TOKEN, entry)
      }
      return tokenSecrets(owner, keepers)
    },

    connect: (owner, options) => {
      const sources = sourcesOf(owner.provider.definition)
      const source = sources.find(({ consent }) => consent) ?? sources[0] ?? NO_SOURCE
      return connect({ tokens: parts, owner, source, shelf: shelfOf(owner, source) }, options)
    },

    async missingConsent(owner) {
      for (const source of sourcesOf(owner.provider.definition)) {
        const lacking = source.consent && (await keeperOf(owner, source).lacking())
        if (lacking) return lacking
      }
      return undefined
    },

    forget: (instance) => clearShelves(parts.store, instance),
  }
}

function tokenSecrets(
  { secrets }: TokenOwner,
  keepers: ReadonlyMap<string, { keeper: TokenKeeper; place: ShelfPlace }>,
): SecretSource {
  return {
    async open(name, origin, destination) {
      const entry = keepers.get(name)
      if (!entry) return secrets.open(name, origin, destination)
      checkOrigin(entry.place, origin)
      return new Secret((await entry.keeper.current()).access)
    },
    async renew(name, refused, origin, destination) {
      const entry = keepers.get(name)
      if (!entry) return (await secrets.renew?.(name, refused, origin, destination)) ?? false
      checkOrigin(entry.place, origin)
      const other = await entry.keeper.other(refused)
      return other !== undefined && other.access !== refused.reveal()
    },
  }
}

const placeOf = ({ provider, instance }: TokenOwner, { name }: TokenSource): ShelfPlace => ({
  instance: instance.name,
  source: name,
  origins: originsOf(provider.definition, instance),
})

/** Several auths may share a source. */
const sourcesOf = (definition: ProviderDefinition): TokenSource[] => {
  const named = new Map<string, TokenSource>()
  for (const { token } of authsOf(definition)) {
    const known = token && named.get(token.name)
    if (known && known !== token) {
      throw new FabricError('IF_ERR_INTERNAL', `${definition.id} has two sources of access tokens named ${token.name}`)
    }
    if (token) named.set(token.name, token)
  }
  return [...named.values()]
}

/** Of a provider without tokens: consents to nothing. */
const NO_SOURCE: TokenSource = { name: 'none', request: () => undefined }
