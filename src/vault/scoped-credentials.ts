// Scoped credentials: what a module or an agent holds instead of a secret. A handle stands for certain operations of one
// instance at certain endpoints, for one holder, for minutes, and at most as long as its claim. It is swapped for the
// secret only inside the egress door, which asks again each time. Empty lists cover nothing.
import { type Clock, FabricError, type RandomBytes, systemRandom, timestamp } from '../foundation/index.ts'
import { createHandles } from './credential-handle.ts'
import { coversAddress, type Endpoint, parseEndpoint } from './endpoint.ts'
import { checkGlob, globMatches, type IsBoundary } from './glob.ts'
import type { SecretDestination, SecretSource } from './port.ts'

export interface ClaimMark {
  task: string
  /** The fencing token. */
  token: number
}

export interface CredentialGrant {
  instance: string
  /** Globs, `*` inside one part and `**` across: `message.*`, `stripe:**`. */
  operations: readonly string[]
  /** `scheme://host[:port]/path`, the path a glob: `https://api.example.com/v1/messages/*`. */
  endpoints: readonly string[]
  /** The module run or the agent that may use it. */
  holder: string
  /** It ends with this claim. */
  claim?: ClaimMark
  /** Default 300 s, at most 3,600 s. */
  ttlMs?: number
}

/** What is known of a credential; never its handle. */
export interface ScopedCredential {
  id: string
  instance: string
  operations: readonly string[]
  endpoints: readonly string[]
  holder: string
  claim?: ClaimMark
  /** RFC 3339, for people: what decides is the monotonic clock. */
  issuedAt: string
  expiresAt: string
}

/** Who wants to use a credential, and for what. */
export interface CredentialUse {
  holder: string
  instance: string
  operation: string
  claim?: ClaimMark
}

export interface ScopedCredentials {
  /** IF_ERR_INVALID_INPUT for a glob or a time to live that is refused, IF_ERR_RATE_LIMIT_EXCEEDED above 10,000 at once. */
  issue(grant: CredentialGrant): { handle: string; id: string; expiresAt: string }
  /** What the handle stands for; IF_ERR_CREDENTIAL_DENIED names what does not fit. */
  check(handle: string, use: CredentialUse): ScopedCredential
  /** The secrets of `source`, as long as the handle stands and only for requests to its endpoints. */
  guard(handle: string, source: SecretSource, use: CredentialUse): SecretSource
  /** Whether there was one. */
  revoke(id: string): boolean
  /** Ends what was issued under claims of the task: all of them, or those up to a token. Returns how many. */
  revokeClaim(claim: { task: string; token?: number }): number
  /** Returns how many. */
  revokeHolder(holder: string): number
  /** Those that stand. */
  list(): ScopedCredential[]
}

export interface ScopedCredentialsOptions {
  clock: Clock
  random?: RandomBytes
  /** Whether a claim still stands; asked each time. Default: until `revokeClaim` says otherwise. */
  isClaimed?: (claim: ClaimMark) => boolean
}

const DEFAULT_TTL_MS = 300_000
const TTL_MAX_MS = 3_600_000
const SWEEP_EVERY_MS = 1_000
const GLOBS_MAX = 64
const STANDING_MAX = 10_000
/** Of those that ended so many are remembered, to say why. */
const ENDED_KEPT = 1_000

interface Standing {
  facts: ScopedCredential
  endpoints: Endpoint[]
  expiresAtMonotonic: number
}

/** Opens a register of its own; its handles mean nothing to any other. */
export function openScopedCredentials(options: ScopedCredentialsOptions): ScopedCredentials {
  const { clock, random = systemRandom, isClaimed = () => true } = options
  const handles = createHandles(random)
  const standing = new Map<string, Standing>()
  const ended = new Map<string, { holder: string; why: string }>()
  let sweepAt = 0

  function end(id: string, why: string): boolean {
    const found = standing.get(id)
    if (!found) return false
    standing.delete(id)
    ended.set(id, { holder: found.facts.holder, why })
    for (const oldest of ended.keys()) {
      if (ended.size <= ENDED_KEPT) break
      ended.delete(oldest)
    }
    return true
  }

  const endThose = (fits: (facts: ScopedCredential) => boolean, why: string): number =>
    [...standing.values()].filter(({ facts }) => fits(facts) && end(facts.id, why)).length

  function endExpired(): void {
    const now = clock.monotonic()
    sweepAt = now + SWEEP_EVERY_MS
    for (const { facts, expiresAtMonotonic } of standing.values()) {
      if (expiresAtMonotonic <= now) end(facts.id, `expired at ${facts.expiresAt}`)
    }
  }

  /** Nothing is said of a credential to anybody but its holder, not even that it exists. */
  function findOf(handle: string, holder: string): Standing {
    const id = handles.idOf(handle) ?? ''
    const found = standing.get(id)
    if (found && found.facts.holder === holder) {
      if (found.expiresAtMonotonic > clock.monotonic()) return found
      end(id, `expired at ${found.facts.expiresAt}`)
    }
    const over = ended.get(id)
    if (over?.holder === holder) throw denied(`the credential ${id} ${over.why}`, id)
    throw denied(`${holder} holds no such credential`)
  }

  function findFitting(handle: string, use: CredentialUse): Standing {
    const found = findOf(handle, use.holder)
    const { id, instance, operations, claim } = found.facts
    if (instance !== use.instance) {
      throw denied(`the credential ${id} is for the instance ${instance}, not for ${use.instance}`, id)
    }
    if (!operations.some((glob) => globMatches(glob, use.operation, endsOperationPart))) {
      throw denied(`the credential ${id} covers ${listed(operations)}, not ${use.operation}`, id)
    }
    if (!claim) return found
    if (use.claim?.task !== claim.task || use.claim.token !== claim.token) {
      throw denied(`the credential ${id} is bound to the claim of ${claim.task} with token ${claim.token}`, id)
    }
    if (isClaimed(claim)) return found
    end(id, `ended with the claim of ${claim.task}`)
    throw denied(`the credential ${id} ended with the claim of ${claim.task}`, id)
  }

  function checkDestination(
    handle: string,
    use: CredentialUse,
    origin: string,
    to: SecretDestination | undefined,
  ): void {
    const { facts, endpoints } = findFitting(handle, use)
    const isInside = to !== undefined && URL.canParse(to.url) && new URL(to.url).origin === origin
    if (isInside && endpoints.some((endpoint) => coversAddress(endpoint, to.url))) return
    const where = to === undefined ? `${origin} without a path` : `${origin}${pathOf(to.url)}`
    throw denied(`the credential ${facts.id} reaches ${listed(facts.endpoints)}, not ${where}`, facts.id)
  }

  return {
    issue(grant) {
      const { ttlMs = DEFAULT_TTL_MS } = grant
      checkGrant(grant, ttlMs)
      const endpoints = grant.endpoints.map(parseEndpoint)
      if (clock.monotonic() >= sweepAt || standing.size >= STANDING_MAX) endExpired()
      if (standing.size >= STANDING_MAX) throw tooMany()
      const { id, handle } = handles.make()
      const now = clock.now()
      const expiresAt = timestamp(now + ttlMs)
      const facts: ScopedCredential = Object.freeze({
        id,
        instance: grant.instance,
        operations: Object.freeze([...grant.operations]),
        endpoints: Object.freeze([...grant.endpoints]),
        holder: grant.holder,
        ...(grant.claim ? { claim: Object.freeze({ ...grant.claim }) } : {}),
        issuedAt: timestamp(now),
        expiresAt,
      })
      standing.set(id, { facts, endpoints, expiresAtMonotonic: clock.monotonic() + ttlMs })
      return { handle, id, expiresAt }
    },

    check: (handle, use) => findFitting(handle, use).facts,

    guard: (handle, source, use) => ({
      async open(name, origin, destination) {
        checkDestination(handle, use, origin, destination)
        const secret = await source.open(name, origin, destination)
        // A keyring may take seconds; what ended meanwhile gets nothing.
        checkDestination(handle, use, origin, destination)
        return secret
      },
      async renew(name, refused, origin, destination) {
        checkDestination(handle, use, origin, destination)
        return (await source.renew?.(name, refused, origin, destination)) ?? false
      },
    }),

    revoke: (id) => end(id, 'was revoked'),
    revokeClaim: ({ task, token = Number.POSITIVE_INFINITY }) =>
      endThose(({ claim }) => claim?.task === task && claim.token <= token, `ended with the claim of ${task}`),
    revokeHolder: (holder) => endThose((facts) => facts.holder === holder, 'was revoked with all of its holder'),

    list() {
      endExpired()
      return [...standing.values()].map(({ facts }) => facts)
    },
  }
}

const endsOperationPart: IsBoundary = (text, at) => text[at] === '.' || text[at] === ':'

function checkGrant({ instance, holder, operations, endpoints, claim }: CredentialGrant, ttlMs: number): void {
  const problem =
    instance === '' || holder === ''
      ? 'it needs an instance and a holder'
      : operations.length > GLOBS_MAX || endpoints.length > GLOBS_MAX
        ? `it names more than ${GLOBS_MAX} operations or endpoints`
        : claim && (claim.task === '' || !Number.isSafeInteger(claim.token))
          ? 'its claim needs a task and a token'
          : !(ttlMs > 0 && ttlMs <= TTL_MAX_MS)
            ? `${ttlMs} ms is not a time to live between 1 ms and ${TTL_MAX_MS / 1000} s`
            : ''
  if (problem) throw new FabricError('IF_ERR_INVALID_INPUT', `the scoped credential is refused: ${problem}`)
  for (const glob of operations) checkGlob(glob, 'operation')
}

const listed = (globs: readonly string[]): string => globs.join(', ') || 'nothing'

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : ' with an unreadable path')

const denied = (message: string, id?: string): FabricError =>
  new FabricError('IF_ERR_CREDENTIAL_DENIED', message, {
    hint: 'Ask for a credential that names this operation and endpoint, under a claim that stands.',
    details: id === undefined ? {} : { credential: id },
  })

const tooMany = (): FabricError =>
  new FabricError('IF_ERR_RATE_LIMIT_EXCEEDED', `${STANDING_MAX} scoped credentials stand already`, {
    hint: 'Revoke those that nobody needs, or wait until they expire.',
  })
