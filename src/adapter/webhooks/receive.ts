// One delivery, from its bytes to its events: proven by the definition's scheme with the instance's secrets, opened, read.
// Beside the door this is the only place where secrets are opened; nothing of them is kept, told or thrown.
import { FabricError, isFabricError, type JsonObject } from '../../foundation/index.ts'
import type { Instance } from '../instance.ts'
import { originsOf } from '../origins.ts'
import type { LoadedProvider } from '../planned.ts'
import type { HookDelivery } from './delivery.ts'
import { buildHookRequest, type HookRequestOptions, sendHookRequest } from './hook-request.ts'
import type { KeyShelf } from './key-shelf.ts'
import { HookFault, type HookPart, secretsIn } from './part.ts'
import type { ProofFacts } from './proof.ts'
import { answerOf, type HookAnswer, secretsOfReply } from './reply.ts'
import { openSeal } from './seal.ts'
import { secretsOfScheme, verifyDelivery } from './verify.ts'
import type { HookEvent, HookReply, Webhooks } from './webhooks.ts'

export interface ReceiveOptions extends HookRequestOptions {
  delivery: HookDelivery
  keys: KeyShelf
  /** Milliseconds. */
  now: number
}

export type ReceivedDelivery =
  /** Not the vendor's, or not as the vendor documents it. The reason is for the home's own log. */
  | { kind: 'refused'; status: number; reason: string }
  /** Asked by the vendor, and answered. */
  | { kind: 'handshake'; answer: HookAnswer }
  /** To be kept before it is answered. */
  | { kind: 'events'; events: readonly HookEvent[]; answer: HookAnswer }

/** More than any vendor sends at once. */
const MOST_EVENTS = 1_000

/** IF_ERR_NOT_FOUND where the provider has no webhooks; what the door or the vault throw besides. */
export async function receiveDelivery(options: ReceiveOptions): Promise<ReceivedDelivery> {
  const { provider, delivery } = options
  const { webhooks } = provider.definition
  if (!webhooks) throw new FabricError('IF_ERR_NOT_FOUND', `${provider.definition.id} has no webhooks`)
  const { methods = ['POST'] } = webhooks
  if (!methods.some((method) => method === delivery.method)) {
    return { kind: 'refused', status: 405, reason: `${delivery.method} is not what the vendor uses` }
  }
  try {
    return await receive(options, webhooks)
  } catch (thrown) {
    if (thrown instanceof HookFault) return { kind: 'refused', status: webhooks.refusal ?? 401, reason: thrown.message }
    throw thrown
  }
}

async function receive(options: ReceiveOptions, webhooks: Webhooks): Promise<ReceivedDelivery> {
  const { delivery } = options
  const handshake = documented(() => webhooks.handshake?.(delivery))
  if (handshake === UNDOCUMENTED) return notDocumented('its handshake')
  const scheme = handshake?.verify ?? webhooks.verify
  const facts = await factsOf(options, delivery, secretsOfScheme(scheme))
  const proof = await verifyDelivery(scheme, facts)
  if (!proof.isProven) return { kind: 'refused', status: webhooks.refusal ?? 401, reason: proof.reason }
  if (handshake) {
    if (handshake.confirm) await sendHookRequest(options, buildHookRequest(options, handshake.confirm))
    return { kind: 'handshake', answer: await rendered(options, delivery, handshake.reply) }
  }
  const opened = webhooks.seal ? await unsealed(options, webhooks.seal) : delivery
  const events = documented(() => webhooks.events(opened).map(checkedEvent))
  if (events === UNDOCUMENTED || events.length > MOST_EVENTS) return notDocumented('its events')
  return { kind: 'events', events, answer: await rendered(options, opened, webhooks.reply?.(opened) ?? {}) }
}

async function unsealed(options: ReceiveOptions, seal: NonNullable<Webhooks['seal']>): Promise<HookDelivery> {
  return openSeal(seal, await factsOf(options, options.delivery, [seal.key.secret, ...secretsIn([seal.appId])]))
}

async function rendered(options: ReceiveOptions, delivery: HookDelivery, reply: HookReply): Promise<HookAnswer> {
  return answerOf(reply, await factsOf(options, delivery, secretsOfReply(reply)))
}

/** What schemes may read, with these secrets of the instance opened. */
async function factsOf(options: ReceiveOptions, delivery: HookDelivery, names: readonly string[]): Promise<ProofFacts> {
  const { provider, instance, keys, now } = options
  const opened = new Map(await Promise.all(names.map(async (name) => [name, await openSecret(options, name)] as const)))
  const settings = provider.definition.settings ?? {}
  return {
    delivery,
    now,
    secret: (name) => opened.get(name),
    setting: (name) => instance.settings[name] ?? settings[name]?.default,
    published: (of, said) => keys.get(options, of, said, now),
  }
}

/** Undefined where the instance has none. A secret is bound to origins: it is opened for one of the instance's own. */
async function openSecret(
  { provider, instance, secrets }: { provider: LoadedProvider; instance: Instance } & Pick<ReceiveOptions, 'secrets'>,
  name: string,
): Promise<string | undefined> {
  const origin = originsOf(provider.definition, instance).find((one) => !one.includes('*'))
  if (origin === undefined) return undefined
  try {
    return (await secrets.open(name, origin)).reveal()
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_SECRET_MISSING') return undefined
    throw thrown
  }
}

const UNDOCUMENTED = Symbol('undocumented')

/** A definition reads what its vendor documents, and throws at anything else. */
function documented<T>(read: () => T): T | typeof UNDOCUMENTED {
  try {
    return read()
  } catch {
    return UNDOCUMENTED
  }
}

const notDocumented = (what: string): ReceivedDelivery => ({
  kind: 'refused',
  status: 400,
  reason: `${what} can't be read: the delivery is not as the vendor documents it`,
})

function checkedEvent({ id, type, at, data }: HookEvent): HookEvent {
  if (typeof id !== 'string' || id === '' || typeof type !== 'string' || type === '') throw new HookFault('no event')
  const time = at === undefined ? Number.NaN : Date.parse(at)
  const plain = JSON.parse(JSON.stringify(data)) as JsonObject // leaves out what JSON has no place for
  return {
    id,
    type: type.slice(0, 200),
    data: plain,
    ...(Number.isNaN(time) ? {} : { at: new Date(time).toISOString() }),
  }
}

/** Texts that a person needs to set up webhooks: secrets of the scheme, and where the vendor asks for the address. */
export const hookSetupOf = ({ setup, verify, seal }: Webhooks): { setup: string; secrets: string[] } => {
  const parts: HookPart[] = seal ? [seal.appId] : []
  const names = [...secretsOfScheme(verify), ...(seal ? [seal.key.secret] : []), ...secretsIn(parts)]
  return { setup, secrets: [...new Set(names)] }
}
