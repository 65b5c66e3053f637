// A person lets an instance in at its provider: by the authorization code grant with PKCE (RFC 6749, 7636, for a native app
// on loopback RFC 8252), or by the device grant (RFC 8628) where the person sits elsewhere. What comes of it is kept as the
// instance's token at once. Who asks the person (shows the address, hears the answer) is handed in.
import { type Clock, FabricError, isFabricError, type Redactor, Secret, timestamp } from '../../foundation/index.ts'
import type { LogEntry } from '../../store/index.ts'
import { fillPath, resolveBase } from '../address.ts'
import {
  AUTHORIZATION_CODE,
  CODE_VERIFIER,
  type Consent,
  DEVICE_CODE,
  type Grant,
  type TokenSource,
} from '../definition.ts'
import { encodeQuery } from '../encoding.ts'
import { credentialsOf } from './credentials.ts'
import { type DeviceCode, deviceRequest, readDeviceAnswer } from './device.ts'
import { isSameState, makeProof, makeState } from './pkce.ts'
import { readTokenAnswer, type TokenAnswer } from './token-answer.ts'
import { freshToken, REQUEST_MS } from './token-keeper.ts'
import { buildTokenRequest, sendTokenRequest, type TokenOwner, type TokenRequest } from './token-request.ts'
import type { Shelf } from './token-shelf.ts'
import type { TokensParts } from './tokens-parts.ts'

/** What a person is shown. */
export type ConsentPrompt =
  | { kind: 'code'; url: string; state: string; scopes: readonly string[] }
  | {
      kind: 'device'
      userCode: string
      verificationUri: string
      /** With the code in it. */
      verificationUriComplete?: string
      expiresAt: string
      scopes: readonly string[]
    }

/** What came back to the redirect address. */
export interface ConsentAnswer {
  code?: string
  state?: string
  error?: string
  errorDescription?: string
}

export interface ConnectOptions {
  /** Default: the code grant where the provider has it. */
  flow?: 'code' | 'device'
  /** Where the provider sends the person back; of the code grant. */
  redirectUri?: string
  /** Shows what to do. Of the code grant it resolves with what came back; of the device grant the answer is not read. */
  ask: (prompt: ConsentPrompt) => Promise<ConsentAnswer | undefined>
  signal?: AbortSignal
  /** What is written into the log with the token. */
  logOf?: (facts: { scopes: string[] }) => LogEntry[]
}

export interface Connected {
  scopes: string[]
  /** RFC 3339; null: until it is refused. */
  expiresAt: string | null
  /** It is renewed without a person. */
  renews: boolean
}

export interface ConsentParts {
  tokens: TokensParts
  owner: TokenOwner
  source: TokenSource
  shelf: Shelf
}

/** IF_ERR_AUTH_FAILED where the person or the provider refuses, IF_ERR_TIMEOUT where nobody consents in time. */
export async function connect(parts: ConsentParts, options: ConnectOptions): Promise<Connected> {
  const { owner, source, shelf, tokens } = parts
  const { consent } = source
  if (!consent) throw noConsent(owner)
  const flow = options.flow ?? (consent.authorize ? 'code' : 'device')
  const credentials = await credentialsOf(owner, source)()
  const { answer, askedAt } =
    flow === 'code' ? await byCode(parts, consent, options) : await byDevice(parts, consent, options)
  const token = { ...freshToken(source, answer, { askedAt, before: undefined }), credentials }
  // Of two that consent at once the later one counts.
  for (;;) {
    const standing = await shelf.standing()
    const held = standing.expect === 'absent' ? await shelf.swap(standing, standing.value) : standing
    if (!held || !(await shelf.put(held.value, token, options.logOf?.(token)))) continue
    tokens.logger.debug('consented', { instance: owner.instance.name, scopes: token.scopes.join(' ') })
    const expiresAt = token.expiresAt === null ? null : timestamp(token.expiresAt)
    return { scopes: token.scopes, expiresAt, renews: token.refresh !== undefined }
  }
}

interface Obtained {
  answer: TokenAnswer
  askedAt: number
}

async function byCode(
  parts: ConsentParts,
  consent: Consent,
  { redirectUri, ask, signal }: ConnectOptions,
): Promise<Obtained> {
  const { owner, tokens } = parts
  if (!consent.authorize) throw noFlow(owner, 'no page on which a person consents', consent.device && '--device')
  if (redirectUri === undefined) throw new FabricError('IF_ERR_USAGE', 'a consent needs an address to come back to')
  const proof = makeProof(tokens.random)
  const state = makeState(tokens.random)
  const facts = { redirectUri, state, challenge: proof.challenge, clientId: await clientIdOf(owner, consent) }
  const back = await ask({ kind: 'code', url: authorizeUrl(owner, consent, facts), state, scopes: consent.scopes })
  signal?.throwIfAborted()
  const code = codeIn(owner, tokens.redactor, back, state)
  tokens.redactor.add(code)
  tokens.redactor.add(proof.verifier)
  const request = requestOf(parts, 'code', { redirectUri })
  const own = { [AUTHORIZATION_CODE]: new Secret(code), [CODE_VERIFIER]: new Secret(proof.verifier) }
  return exchange(parts, request, own, signal)
}

/** The page of the provider, for a browser. A parameter of the definition never replaces one of the protocol. */
function authorizeUrl(
  { provider, instance }: TokenOwner,
  { authorize, scopes, scopeSeparator = ' ' }: Consent,
  {
    clientId,
    redirectUri,
    state,
    challenge,
  }: { clientId: string; redirectUri: string; state: string; challenge: string },
): string {
  const { base = 'main', template = '', query = {} } = authorize ?? {}
  const { origin, prefix, unset } = resolveBase(provider.definition, instance, { name: base })
  if (unset.length > 0)
    throw new FabricError('IF_ERR_INVALID_INPUT', `${instance.name}: ${unset.join(', ')} is not set`)
  return (
    origin +
    prefix +
    fillPath(template, {}) +
    encodeQuery({
      ...query,
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      ...(scopes.length > 0 ? { scope: scopes.join(scopeSeparator) } : {}),
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
  )
}

/** The client id is public: it stands in the address of the page. */
async function clientIdOf(
  { provider, instance, secrets }: TokenOwner,
  { clientId, authorize }: Consent,
): Promise<string> {
  const { origin } = resolveBase(provider.definition, instance, { name: authorize?.base ?? 'main' })
  return (await secrets.open(clientId.secret, origin)).reveal()
}

function codeIn({ instance }: TokenOwner, redactor: Redactor, back: ConsentAnswer | undefined, state: string): string {
  if (back?.state === undefined || !isSameState(state, back.state)) {
    throw new FabricError(
      'IF_ERR_AUTH_FAILED',
      `${instance.name}: what came back belongs to no consent that was asked for`,
      {
        hint: 'Begin anew, and follow the address in the same browser to its end.',
        next: `ifab provider connect ${instance.name}`,
      },
    )
  }
  if (back.code) return back.code
  const said = redactor.text(back.errorDescription ?? back.error ?? 'it gave no reason').slice(0, 300)
  throw new FabricError('IF_ERR_AUTH_FAILED', `${instance.name}: the provider gave no consent: ${said}`, {
    hint: 'Consent with an account that may, to the scopes that are asked for.',
    next: `ifab provider connect ${instance.name}`,
    details: {
      instance: instance.name,
      ...(back.error === undefined ? {} : { vendorCode: redactor.text(back.error) }),
    },
  })
}

async function byDevice(parts: ConsentParts, consent: Consent, { ask, signal }: ConnectOptions): Promise<Obtained> {
  const { owner, tokens } = parts
  const { clock, redactor, door } = tokens
  if (!consent.device) throw noFlow(owner, 'no device grant', undefined)
  const start = deviceRequest(parts, consent)
  const options = { door, repeatable: true, timeoutMs: REQUEST_MS, ...(signal ? { signal } : {}) }
  const begun = clock.monotonic()
  const code = readDeviceAnswer(owner, redactor, await sendTokenRequest(owner, start, options))
  redactor.add(code.deviceCode)
  const { userCode, verificationUri, verificationUriComplete, expiresInSeconds } = code
  await ask({
    kind: 'device',
    userCode,
    verificationUri,
    ...(verificationUriComplete === undefined ? {} : { verificationUriComplete }),
    expiresAt: timestamp(clock.now() + expiresInSeconds * 1000),
    scopes: consent.scopes,
  })
  return poll(parts, code, { endsAt: begun + expiresInSeconds * 1000, signal, clock })
}

/** Asks again and again, as slowly as the provider wants, until the person has decided or the code has expired. */
async function poll(
  parts: ConsentParts,
  { deviceCode, intervalSeconds }: DeviceCode,
  { endsAt, signal, clock }: { endsAt: number; signal: AbortSignal | undefined; clock: Clock },
): Promise<Obtained> {
  const request = requestOf(parts, 'device', {})
  const own = { [DEVICE_CODE]: new Secret(deviceCode) }
  for (let waitMs = intervalSeconds * 1000; ; ) {
    if (clock.monotonic() + waitMs >= endsAt) throw tooLate(parts.owner)
    await clock.sleep(waitMs, signal)
    try {
      return await exchange(parts, request, own, signal)
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      const code = thrown.details.vendorCode
      if (code === 'expired_token') throw tooLate(parts.owner)
      if (code === 'authorization_pending') continue
      if (code === 'slow_down') waitMs += SLOWER_MS
      // RFC 8628, 3.5: what fails on the way is tried again, each time twice as slowly.
      else if (thrown.retryable && thrown.code !== 'IF_ERR_CANCELLED') waitMs *= 2
      else throw thrown
    }
  }
}

const SLOWER_MS = 5_000

async function exchange(
  { owner, source, tokens }: ConsentParts,
  request: TokenRequest,
  own: Record<string, Secret>,
  signal: AbortSignal | undefined,
): Promise<Obtained> {
  const { clock, door, redactor } = tokens
  const askedAt = clock.now()
  const response = await sendTokenRequest(owner, request, {
    door,
    own,
    repeatable: false,
    timeoutMs: REQUEST_MS,
    ...(signal ? { signal } : {}),
  })
  return { answer: readTokenAnswer({ owner, source, request, redactor }, response), askedAt }
}

function requestOf({ owner, source }: ConsentParts, grant: Grant, facts: { redirectUri?: string }): TokenRequest {
  const spec = source.request(grant, facts)
  if (spec) return buildTokenRequest(owner, source, spec)
  throw noFlow(owner, `no ${grant} grant`, undefined)
}

const noConsent = ({ instance, provider }: TokenOwner): FabricError =>
  new FabricError('IF_ERR_UNSUPPORTED', `${instance.name}: ${provider.definition.name} takes no consent of a person`, {
    hint: 'Its credentials are given as secrets.',
    next: `ifab provider test ${instance.name}`,
  })

const noFlow = ({ instance, provider }: TokenOwner, what: string, flag: string | false | undefined): FabricError =>
  new FabricError('IF_ERR_UNSUPPORTED', `${instance.name}: ${provider.definition.name} has ${what}`, {
    next: `ifab provider connect ${instance.name}${flag ? ` ${flag}` : ''}`,
  })

const tooLate = ({ instance }: TokenOwner): FabricError =>
  new FabricError('IF_ERR_TIMEOUT', `${instance.name}: nobody consented before the code expired`, {
    next: `ifab provider connect ${instance.name} --device`,
  })
