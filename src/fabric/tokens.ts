// Bearer tokens for a daemon of this home: `ifab_<id>_<secret>`. Only a hash of the secret is kept, so that nobody who reads
// the store can act with one. A token acts as one actor, within scopes, until it expires or is revoked; what only a person
// may do is never granted to an agent, swarm or session.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { checkName, FabricError, type JsonObject, parseAddress, shortId, timestamp, ulid } from '../foundation/index.ts'
import { type Entry, keyOf, type LogEntry, prefixOf, type Store, segmentsOf } from '../store/index.ts'
import type { Composition } from './acting.ts'
import type { HomeParts } from './compose.ts'
import type { Grant } from './host.ts'
import { type CreateToken, TOKEN_SCOPES, type TokenScope, type TokenView } from './port.ts'

const HOUR_MS = 3_600_000
const DEFAULT_TTL_MS = 24 * HOUR_MS
const MAX_TTL_MS = 366 * 24 * HOUR_MS
/** A list still tells for a week why a token no longer works. */
const KEPT_AFTER_MS = 7 * 24 * HOUR_MS
const MAX_NOTE = 200
const SECRET_BYTES = 32
const TOKEN = /^ifab_([0-7][0-9A-HJKMNP-TV-Z]{25})_([A-Za-z0-9_-]{43})$/
const TOKENS = prefixOf('token')
const tokenKey = (id: string): string => keyOf('token', id)

type TokenRecord = {
  id: string
  /** SHA-256 of the secret, hex. */
  hash: string
  actor: string
  scopes: TokenScope[]
  swarms: string[] | null
  note: string | null
  createdAt: string
  createdBy: string
  expiresAt: string
  revokedAt: string | null
}

export async function createToken(parts: Composition, options: CreateToken): Promise<TokenView & { token: string }> {
  const { actor, swarms, ttlMs = DEFAULT_TTL_MS } = options
  const now = parts.clock.now()
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  parts.redactor.add(secret)
  const record: TokenRecord = {
    id: ulid(),
    hash: hashOf(secret).toString('hex'),
    actor,
    scopes: checkScopes(actor, options.scopes),
    swarms: swarms === undefined ? null : swarms.map((swarm) => checkName('swarm', swarm)),
    note: checkNote(options.note),
    createdAt: timestamp(now),
    createdBy: parts.acting.actor,
    expiresAt: timestamp(now + checkTtl(ttlMs)),
    revokedAt: null,
  }
  const { id, scopes, expiresAt } = record
  await sweepTokens(parts)
  await parts.store.commit(
    [{ key: tokenKey(id), value: record, expect: 'absent' }],
    [witnessed(parts, 'token.create', { id, actor, scopes, swarms: record.swarms, expiresAt })],
  )
  return { ...viewOf(record), token: `ifab_${id}_${secret}` }
}

/** Newest first. */
export async function listTokens({ store }: Composition): Promise<TokenView[]> {
  return (await store.range<TokenRecord>(TOKENS, { reverse: true })).map(({ value }) => viewOf(value))
}

export async function revokeToken(parts: Composition, reference: string): Promise<TokenView> {
  for (;;) {
    const entry = await findToken(parts.store, reference)
    const { id, actor, scopes, revokedAt } = entry.value
    if (revokedAt !== null) return viewOf(entry.value)
    const revoked: TokenRecord = { ...entry.value, revokedAt: timestamp(parts.clock.now()) }
    try {
      await parts.store.commit(
        [{ key: entry.key, value: revoked, expect: entry.revision }],
        [witnessed(parts, 'token.revoke', { id, actor, scopes })],
      )
      return viewOf(revoked)
    } catch (thrown) {
      // Revoked or swept by another process at the same moment: the next look tells.
      if (!(thrown instanceof FabricError) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
    }
  }
}

/** What a token grants; IF_ERR_INVALID_TOKEN. Why it is refused is told only to who knows its secret. */
export async function authenticate({ store, clock, redactor }: HomeParts, token: string): Promise<Grant> {
  const [, id = '', secret = ''] = TOKEN.exec(token) ?? []
  const record = id === '' ? undefined : (await store.get<TokenRecord>(tokenKey(id)))?.value
  const expected = record ? Buffer.from(record.hash, 'hex') : NO_HASH
  const isRight = timingSafeEqual(hashOf(secret), expected)
  if (!record || !isRight) throw invalid('the token is unknown')
  redactor.add(secret)
  if (record.revokedAt !== null) throw invalid(`token ${shortId(id)} was revoked at ${record.revokedAt}`)
  const expiresAt = Date.parse(record.expiresAt)
  if (expiresAt <= clock.now()) throw invalid(`token ${shortId(id)} expired at ${record.expiresAt}`)
  return { id, actor: record.actor, scopes: record.scopes, swarms: record.swarms, expiresAt }
}

/** Ids of tokens that are revoked from now on, by whatever process. */
export async function* watchRevocations(store: Store, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { key, value } of store.watch(TOKENS, { signal })) {
    const record = value as TokenRecord | undefined
    const [, id = ''] = segmentsOf(key)
    if (record === undefined || record.revokedAt !== null) yield id
  }
}

/** Forgets tokens that expired a week ago. */
export async function sweepTokens({ store, clock }: HomeParts): Promise<void> {
  const limit = clock.now() - KEPT_AFTER_MS
  const old = (await store.range<TokenRecord>(TOKENS)).filter(({ value }) => Date.parse(value.expiresAt) < limit)
  if (old.length > 0) await store.commit(old.map(({ key }) => ({ key, value: undefined, expect: 'any' })))
}

async function findToken(store: Store, reference: string): Promise<Entry<TokenRecord>> {
  const piece = reference.toUpperCase()
  const found = (await store.range<TokenRecord>(TOKENS)).filter(
    ({ value: { id } }) => id.startsWith(piece) || id.endsWith(piece),
  )
  const [entry, second] = found
  if (!entry || piece === '')
    throw new FabricError('IF_ERR_NOT_FOUND', `there is no token ${reference}`, { next: 'ifab token list' })
  if (second)
    throw new FabricError('IF_ERR_NOT_FOUND', `${reference} names more than one token`, {
      hint: 'Write more of its id.',
    })
  return entry
}

const DEFAULT_SCOPES: readonly TokenScope[] = ['read', 'tasks', 'actions']
/** Who holds `admin` can make a token for an approver. */
const PERSONAL: ReadonlySet<TokenScope> = new Set(['approval:grant', 'admin'])
const MAY_HOLD_PERSONAL: ReadonlySet<string> = new Set(['person', 'service'])

function checkScopes(actor: string, scopes: readonly TokenScope[] = DEFAULT_SCOPES): TokenScope[] {
  const { kind } = parseAddress(actor)
  const unknown = scopes.find((scope) => !TOKEN_SCOPES.includes(scope))
  if (unknown !== undefined || scopes.length === 0) {
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      unknown === undefined ? 'a token needs a scope' : `${JSON.stringify(unknown)} is no scope of a token`,
      { hint: `Scopes are ${TOKEN_SCOPES.join(', ')}.` },
    )
  }
  const personal = scopes.find((scope) => PERSONAL.has(scope))
  if (personal !== undefined && !MAY_HOLD_PERSONAL.has(kind)) {
    throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `a token of ${actor} can't hold ${personal}`, {
      hint: 'What a person decides is never granted to an agent, swarm or session.',
    })
  }
  return TOKEN_SCOPES.filter((scope) => scopes.includes(scope))
}

function checkTtl(ttlMs: number): number {
  if (Number.isSafeInteger(ttlMs) && ttlMs > 0 && ttlMs <= MAX_TTL_MS) return ttlMs
  throw new FabricError('IF_ERR_INVALID_INPUT', `a token lasts from 1 ms to 366 days, got ${ttlMs} ms`)
}

function checkNote(note: string | undefined): string | null {
  if (note === undefined) return null
  if (note.length <= MAX_NOTE) return note
  throw new FabricError('IF_ERR_INVALID_INPUT', `a note has ${MAX_NOTE} characters at most, got ${note.length}`)
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
/** Compared where there is no token, so that the answer takes as long. */
const NO_HASH = Buffer.alloc(32)

const viewOf = ({ hash: _hash, ...view }: TokenRecord): TokenView => view

const invalid = (message: string): FabricError =>
  new FabricError('IF_ERR_INVALID_TOKEN', message, {
    hint: 'Whoever runs the daemon makes a new one on its home.',
    next: 'ifab token create --actor if://agent/NAME',
  })

const witnessed = ({ acting, clock }: Composition, kind: string, detail: JsonObject): LogEntry => ({
  kind,
  at: timestamp(clock.now()),
  actor: acting.actor,
  session: acting.session,
  ...(acting.why ? { why: acting.why } : {}),
  detail,
})
