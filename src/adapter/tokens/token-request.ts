// One request for an access token: built under the grants of the signed manifest, its holes filled with the instance's own
// secrets and with what only the token's source has (refresh token, code). The answer comes unscrubbed, as it tells
// secrets; it goes nowhere but to the reader of token answers.
import type { AllowedRoute, Door, IncomingResponse, OutgoingRequest } from '../../egress/index.ts'
import { FabricError, isFabricError, type Secret } from '../../foundation/index.ts'
import type { SecretSource } from '../../vault/index.ts'
import { fillPath, PATH_HOLE, resolveBase } from '../address.ts'
import type { TokenSource } from '../definition.ts'
import type { EncodedBody } from '../encoded-body.ts'
import { encodeBody, encodeQuery } from '../encoding.ts'
import { allowsPrivate } from '../exchange.ts'
import type { Instance } from '../instance.ts'
import type { LoadedProvider } from '../planned.ts'
import type { HttpRequestSpec } from '../request.ts'

/** Whose token it is. */
export interface TokenOwner {
  provider: LoadedProvider
  instance: Instance
  /** The instance's own secrets. */
  secrets: SecretSource
}

export interface TokenRequest {
  spec: HttpRequestSpec
  outgoing: OutgoingRequest
  route: AllowedRoute
  /** That it goes to. */
  origin: string
  /** Whole address, for people and for telling accounts apart. */
  url: string
  /** Names of the secrets that it holds. */
  needs: string[]
}

/** Builds one of the requests of a source; IF_ERR_EGRESS_DENIED where the manifest does not name it as a grant. */
export function buildTokenRequest(
  { provider, instance }: Omit<TokenOwner, 'secrets'>,
  { slots: given = [] }: Pick<TokenSource, 'slots'>,
  spec: HttpRequestSpec,
): TokenRequest {
  const { definition, manifest } = provider
  const base = resolveBase(definition, instance, { name: spec.base, host: spec.host ?? {} })
  const [unset] = base.unset
  if (unset !== undefined) throw unsetPart(instance, unset)
  const path = base.template.prefix + spec.template
  const isGranted = manifest.grants?.some(
    (grant) => grant.method === spec.method && grant.host === base.template.origin && grant.path === path,
  )
  if (!isGranted) throw notGranted(provider, `${spec.method} ${base.template.origin}${path}`)
  const isOptional = (name: string) => definition.secrets[name]?.required === false
  const slots = given.map((slot) =>
    slot.parts.some((part) => typeof part !== 'string' && isOptional(part.secret)) ? { ...slot, optional: true } : slot,
  )
  const holes = new Map(slots.filter((slot) => slot.in === 'path').map(({ name }) => [name, PATH_HOLE]))
  const encoded = spec.body && encodeBody(spec.body)
  const url = base.origin + base.prefix + fillPath(spec.template, spec.path, holes) + encodeQuery(spec.query)
  const body = bodyOf(encoded)
  return {
    spec,
    origin: base.origin,
    url,
    route: { method: spec.method, origins: [base.origin], path: base.prefix + spec.template },
    outgoing: {
      method: spec.method,
      url,
      headers: {
        Accept: 'application/json',
        ...(encoded ? { 'Content-Type': encoded.contentType } : {}),
        ...spec.headers,
      },
      slots,
      ...(body === undefined ? {} : { body }),
    },
    needs: [
      ...slots.flatMap(({ parts }) => parts.flatMap((part) => (typeof part === 'string' ? [] : [part.secret]))),
      ...(encoded?.pieces ?? []).flatMap((piece) =>
        typeof piece !== 'string' && 'secret' in piece ? piece.secret : [],
      ),
    ],
  }
}

/** A token request has no idempotency key, so every hole is a secret's. */
function bodyOf(encoded: EncodedBody | undefined): OutgoingRequest['body'] {
  return (
    encoded?.pieces?.map((piece) => {
      if (typeof piece === 'string' || 'secret' in piece) return piece
      throw new FabricError('IF_ERR_INTERNAL', 'a request for an access token has no idempotency key')
    }) ?? encoded?.body
  )
}

export interface SendTokenRequest {
  door: Door
  /** What only the source has, by name. */
  own?: Readonly<Record<string, Secret>>
  /** Whether asking twice does no harm. */
  repeatable: boolean
  timeoutMs: number
  signal?: AbortSignal
  beforeSend?: () => void
}

/** Rejects with `details.mayHaveArrived` where the provider may have got it all the same. */
export async function sendTokenRequest(
  { provider, instance, secrets }: TokenOwner,
  { outgoing, route, origin }: TokenRequest,
  { door, own = {}, repeatable, timeoutMs, signal, beforeSend }: SendTokenRequest,
): Promise<IncomingResponse> {
  const source: SecretSource = {
    async open(name, asked, destination) {
      const mine = Object.hasOwn(own, name) ? own[name] : undefined
      if (!mine) return secrets.open(name, asked, destination)
      if (asked === origin) return mine
      throw new FabricError('IF_ERR_SECRET_UNREADABLE', `${instance.name}: ${name} goes to ${origin}, not to ${asked}`)
    },
  }
  try {
    const { response } = await door.send(outgoing, {
      route,
      secrets: source,
      subject: { instance: instance.name },
      allowPrivate: allowsPrivate(instance),
      retry: { attempts: 3, backoffSeconds: provider.manifest.limits.backoff, repeatable },
      timeoutMs,
      maxBodyBytes: ANSWER_MAX_BYTES,
      tellsSecrets: true,
      ...(signal ? { signal } : {}),
      ...(beforeSend ? { beforeSend } : {}),
    })
    return response
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    throw new FabricError(thrown.code, `${instance.name}: no access token: ${thrown.message}`, {
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      ...(thrown.next === undefined ? {} : { next: thrown.next }),
      details: { instance: instance.name, mayHaveArrived: thrown.details.departure === 'may-have-left' },
      retryable: thrown.retryable,
    })
  }
}

/** Tokens are short; whatever is larger is none. */
const ANSWER_MAX_BYTES = 1024 * 1024

const unsetPart = (instance: Instance, name: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${instance.name}: the setting ${name} has no value`, {
    next: `ifab provider add ${instance.provider} --as ${instance.name} --set ${name}=…`,
  })

const notGranted = ({ definition }: LoadedProvider, request: string): FabricError =>
  new FabricError('IF_ERR_EGRESS_DENIED', `the manifest of ${definition.id} has no grant ${request}`, {
    hint: 'The definition asks for tokens where its manifest does not say so: raise the version and sign again.',
    details: { provider: definition.id },
  })
