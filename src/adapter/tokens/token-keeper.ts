// Keeps the access token of one instance and source fresh. One process asks for the next one at a time: it holds a lease in
// the store, and ends before the lease does. The others wait for what it gets. Where it dies, its process is seen to be gone
// on the same host, elsewhere the lease runs out by the clock of who waits.
//
// What may be cut off where: before the request left, nothing has happened; between request and answer, or between answer
// and its keeping, what renews the token may be spent, which `interrupted` remembers, so that a refusal that follows is told
// as what it is; after the keeping, all is well.
import { hostname } from 'node:os'
import { type Clock, FabricError, isFabricError, Secret, ulid } from '../../foundation/index.ts'
import { type Grant, REFRESH_TOKEN, type TokenSource } from '../definition.ts'
import { credentialsOf } from './credentials.ts'
import { readTokenAnswer, type TokenAnswer } from './token-answer.ts'
import type { HeldToken } from './token-record.ts'
import { buildTokenRequest, sendTokenRequest, type TokenOwner, type TokenRequest } from './token-request.ts'
import type { Shelf, StandingEntry } from './token-shelf.ts'
import type { TokensParts } from './tokens-parts.ts'

/** Of one request for a token, all tries included. */
export const REQUEST_MS = 15_000
/** Longer than a request, by what its holder may be held up before it. */
export const LEASE_MS = 20_000
const LOOK_EVERY_MS = 50
/** Renewed so long before its end, of a short-lived one a tenth of its life. */
const EARLY_MS = 60_000
const DEFAULT_LIFETIME_SECONDS = 3_600

export interface TokenKeeper {
  /** A token that counts. IF_ERR_SECRET_MISSING where a person has to consent first, IF_ERR_AUTH_FAILED again. */
  current(): Promise<HeldToken>
  /** Another token than the refused one; undefined where none is to be had. */
  other(refused: Secret): Promise<HeldToken | undefined>
  /** Why there is no token and none can be got without a person. */
  lacking(): Promise<FabricError | undefined>
}

export function openKeeper(parts: TokensParts, owner: TokenOwner, source: TokenSource, shelf: Shelf): TokenKeeper {
  const { clock, redactor, door } = parts
  /** Got and not yet kept, as the store failed. */
  let unkept: { from: StandingEntry['value']; token: Fresh } | undefined
  let renewing: Promise<HeldToken> | undefined

  const credentials = credentialsOf(owner, source)

  const requestOf = (grant: Grant): TokenRequest | undefined => {
    const spec = source.request(grant, {})
    return spec && buildTokenRequest(owner, source, spec)
  }

  async function isOwn(held: HeldToken | undefined): Promise<boolean> {
    return held !== undefined && held.credentials === (await credentials())
  }

  async function current(): Promise<HeldToken> {
    const held = await shelf.held()
    const own = (await isOwn(held)) ? held : undefined
    if (own && isFresh(own, clock)) return own
    return renewal(held?.generation).catch((thrown: unknown) => {
      const isPassing = isFabricError(thrown) && thrown.retryable
      if (isPassing && own && isStanding(own, clock)) return own
      throw thrown
    })
  }

  /** All callers of this process share one. */
  function renewal(unwanted: number | undefined): Promise<HeldToken> {
    renewing ??= renew(unwanted).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  async function renew(unwanted: number | undefined): Promise<HeldToken> {
    const seen: { expect?: StandingEntry['expect']; since: number } = { since: 0 }
    for (;;) {
      const saved = unkept && (await keep(unkept.from, unkept.token))
      if (saved) return saved
      const held = await shelf.held()
      if (held && held.generation !== unwanted && (await isOwn(held)) && isStanding(held, clock)) return held
      const entry = await shelf.standing()
      if (seen.expect !== entry.expect) Object.assign(seen, { expect: entry.expect, since: clock.monotonic() })
      const { lease } = entry.value
      if (lease && !isGone(lease) && clock.monotonic() - seen.since < LEASE_MS) {
        await clock.sleep(LOOK_EVERY_MS)
        continue
      }
      const wanted = grantFor(held, entry.value, await isOwn(held))
      const taken = await shelf.swap(entry, {
        ...entry.value,
        lease: { mark: ulid(), host: hostname(), pid: process.pid },
        // Whoever held the lease had it taken away: it may have asked.
        ...(lease ? { interrupted: true } : {}),
      })
      if (taken) return askUnder(taken, held, wanted)
    }
  }

  /** Throws where only a person can help. */
  function grantFor(held: HeldToken | undefined, standing: StandingEntry['value'], own: boolean): 'first' | 'refresh' {
    const hasFirst = source.request('first', {}) !== undefined
    const mayRefresh = own && held?.refresh !== undefined && source.request('refresh', {}) !== undefined
    if (mayRefresh && standing.refused === undefined) return 'refresh'
    if (hasFirst) return 'first'
    throw consentNeeded(owner, { held, own, refused: standing.refused })
  }

  async function askUnder(
    taken: StandingEntry,
    held: HeldToken | undefined,
    grant: 'first' | 'refresh',
  ): Promise<HeldToken> {
    const endsAt = clock.monotonic() + LEASE_MS - REQUEST_MS
    try {
      const token = await ask(grant, held, () => {
        if (clock.monotonic() > endsAt) throw heldUp(owner)
      })
      return (await keep(taken.value, token)) ?? (await goOn(undefined))
    } catch (thrown) {
      return afterFailure(taken, held, grant, thrown)
    }
  }

  async function ask(grant: 'first' | 'refresh', held: HeldToken | undefined, beforeSend: () => void): Promise<Fresh> {
    const request = requestOf(grant)
    if (!request) throw new FabricError('IF_ERR_INTERNAL', `${source.name}: the grant ${grant} has no request`)
    const under = await credentials()
    const askedAt = clock.now()
    const response = await sendTokenRequest(owner, request, {
      door,
      own: held?.refresh === undefined ? {} : { [REFRESH_TOKEN]: new Secret(held.refresh) },
      repeatable: grant === 'first',
      timeoutMs: REQUEST_MS,
      beforeSend,
    })
    const answer = readTokenAnswer({ owner, source, request, redactor }, response)
    return {
      ...freshToken(source, answer, { askedAt, before: grant === 'refresh' ? held : undefined }),
      credentials: under,
    }
  }

  /** Somebody else moved on, or the instance is gone. */
  async function goOn(unwanted: number | undefined): Promise<HeldToken> {
    const { expect } = await shelf.standing()
    if (expect !== 'absent') return renew(unwanted)
    throw new FabricError('IF_ERR_CANCELLED', `${owner.instance.name} was removed while it asked for an access token`)
  }

  async function keep(from: StandingEntry['value'], token: Fresh): Promise<HeldToken | undefined> {
    unkept = { from, token }
    const kept = await shelf.put(from, token)
    unkept = undefined
    return kept
  }

  /** Frees the lease and remembers what the failure leaves behind. */
  async function afterFailure(
    taken: StandingEntry,
    held: HeldToken | undefined,
    grant: 'first' | 'refresh',
    thrown: unknown,
  ): Promise<HeldToken> {
    const { lease: _over, ...free } = taken.value
    const isRefused = grant === 'refresh' && isSpent(thrown)
    const error = isRefused ? refusedError(owner, thrown, free.interrupted === true) : thrown
    const arrived = isFabricError(thrown) && thrown.details.mayHaveArrived === true
    const left = await shelf.swap(taken, {
      ...free,
      ...(grant === 'refresh' && arrived ? { interrupted: true } : {}),
      ...(isRefused ? { refused: error instanceof Error ? error.message : '' } : {}),
    })
    const mayStartAnew = isRefused && source.request('first', {}) !== undefined
    if (mayStartAnew || (!left && unkept === undefined)) return goOn(held?.generation)
    throw error
  }

  return {
    current,

    async other(refused) {
      const held = await shelf.held()
      if (!held) return current()
      if (held.access !== refused.reveal() && (await isOwn(held)) && isStanding(held, clock)) return held
      const canRenew = held.refresh !== undefined || source.request('first', {}) !== undefined
      if (!canRenew) return undefined
      return renewal(held.generation)
    },

    async lacking() {
      const held = await shelf.held()
      const own = await isOwn(held)
      if (own && held && isFresh(held, clock)) return undefined
      try {
        grantFor(held, (await shelf.standing()).value, own)
        return undefined
      } catch (thrown) {
        if (isFabricError(thrown)) return thrown
        throw thrown
      }
    },
  }
}

type Fresh = Omit<HeldToken, 'version' | 'id' | 'generation'>

/** What is kept of an answer. A refresh that gives no new refresh token leaves the old one in force. */
export function freshToken(
  source: TokenSource,
  { access, refresh, expiresInSeconds, scopes }: TokenAnswer,
  { askedAt, before }: { askedAt: number; before: HeldToken | undefined },
): Omit<Fresh, 'credentials'> {
  const renews = refresh ?? before?.refresh
  const canRenew = renews !== undefined || source.request('first', {}) !== undefined
  const seconds = expiresInSeconds ?? source.lifetimeSeconds ?? (canRenew ? DEFAULT_LIFETIME_SECONDS : undefined)
  return {
    access,
    ...(renews === undefined ? {} : { refresh: renews }),
    askedAt,
    // From when it was asked for: the vendor counts from later on.
    expiresAt: seconds === undefined ? null : askedAt + Math.round(seconds * 1000),
    scopes: scopes ?? before?.scopes ?? [...(source.consent?.scopes ?? [])],
  }
}

/** Not yet at its end. One from the future was got before the clock was set back: nobody knows how old it is. */
const isStanding = ({ askedAt, expiresAt }: HeldToken, clock: Clock): boolean =>
  expiresAt === null || (clock.now() < expiresAt && clock.now() >= askedAt - EARLY_MS)

const isFresh = (held: HeldToken, clock: Clock): boolean => {
  const { askedAt, expiresAt } = held
  if (expiresAt === null) return true
  const earlyMs = Math.min(EARLY_MS, (expiresAt - askedAt) / 10)
  return isStanding(held, clock) && clock.now() < expiresAt - earlyMs
}

/** On this host the process table tells at once. */
function isGone({ host, pid }: { host: string; pid: number }): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Codes by which a provider says that a refresh token counts no more. */
const SPENT = new Set(['invalid_grant', 'invalid_refresh_token', 'token_expired', 'token_revoked'])

const isSpent = (thrown: unknown): boolean =>
  isFabricError(thrown) && thrown.code === 'IF_ERR_AUTH_FAILED' && SPENT.has(String(thrown.details.vendorCode))

function refusedError({ instance }: TokenOwner, thrown: unknown, interrupted: boolean): unknown {
  if (!isFabricError(thrown)) return thrown
  const because = interrupted
    ? '; an earlier renewal broke off before its answer was kept, so that the refresh token was spent'
    : ''
  return new FabricError('IF_ERR_AUTH_FAILED', `${thrown.message}${because}`, {
    hint: 'The consent counts no more, and only a person can give it again.',
    next: `ifab provider connect ${instance.name}`,
    details: { ...thrown.details, interrupted },
  })
}

/** IF_ERR_SECRET_MISSING before the first consent, IF_ERR_AUTH_FAILED after one that counts no more. */
function consentNeeded(
  { instance }: TokenOwner,
  { held, own, refused }: { held: HeldToken | undefined; own: boolean; refused: string | undefined },
): FabricError {
  const next = `ifab provider connect ${instance.name}`
  const details = { instance: instance.name }
  if (!held) {
    return new FabricError('IF_ERR_SECRET_MISSING', `${instance.name}: nobody has consented to its use yet`, {
      hint: 'A person has to let InfraFabric in at the provider, once.',
      next,
      details,
    })
  }
  const why = !own
    ? 'its client or its address is another one than that of the consent'
    : (refused?.replace(`${instance.name}: `, '') ?? 'its access token has expired and nothing renews it')
  return new FabricError('IF_ERR_AUTH_FAILED', `${instance.name}: ${why}`, {
    hint: 'The consent counts no more, and only a person can give it again.',
    next,
    details,
  })
}

const heldUp = ({ instance }: TokenOwner): FabricError =>
  new FabricError(
    'IF_ERR_PROVIDER_UNAVAILABLE',
    `${instance.name}: this process was held up before it asked for a token`,
  )
