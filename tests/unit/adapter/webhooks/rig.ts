// A delivery and what it is proven with, small enough to change one thing at a time.

import {
  generateManifest,
  type HookScheme,
  type LoadedProvider,
  openKeyShelf,
  type ProviderDefinition,
  type ReceivedDelivery,
  readDelivery,
  receiveDelivery,
  type Webhooks,
} from '../../../../src/adapter/index.ts'
import type { Door, IncomingResponse } from '../../../../src/egress/index.ts'
import { FabricError, Secret } from '../../../../src/foundation/index.ts'
import { acme } from '../fixtures/acme.ts'

export const NOW = Date.parse('2026-11-25T12:00:00Z')
export const seconds = (offset = 0): string => String(NOW / 1000 + offset)

export interface Sent {
  method?: string
  url?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface ReceiveRig {
  definition?: Partial<ProviderDefinition>
  webhooks: Partial<Webhooks> & { verify: HookScheme }
  secrets?: Record<string, string>
  settings?: Record<string, string>
  now?: number
  /** Published keys by address; what is asked for besides fails. */
  answers?: Record<string, string>
}

const EVENTS: Webhooks['events'] = ({ text }) => [{ id: 'e1', type: 'any', data: { text } }]

export function openRig({ definition, webhooks, secrets = {}, settings = {}, now = NOW, answers = {} }: ReceiveRig) {
  const whole: ProviderDefinition = {
    ...acme,
    ...definition,
    baseUrls: { ...acme.baseUrls, ...definition?.baseUrls },
    auths: { ...acme.auths, ...definition?.auths },
    webhooks: { setup: 'anywhere', events: EVENTS, example: { body: '{}' }, ...webhooks },
  }
  const provider: LoadedProvider = {
    definition: whole,
    manifest: generateManifest(whole, 'providers/test/acme'),
    digest: '',
    signedBy: 'test',
  }
  const asked: string[] = []
  const keys = openKeyShelf()
  let clock = now
  return {
    asked,
    provider,
    at(later: number) {
      clock = later
    },
    receive({
      method = 'POST',
      url = 'https://hooks.example.com/hooks/acme',
      headers = {},
      body = '',
    }: Sent): Promise<ReceivedDelivery> {
      const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
      return receiveDelivery({
        provider,
        instance: {
          version: 1,
          name: 'acme',
          provider: 'acme',
          tags: {},
          settings,
          secrets: {},
          privateNetwork: false,
          timeout: '30s',
        },
        secrets: {
          async open(name) {
            const value = secrets[name]
            if (value === undefined) throw new FabricError('IF_ERR_SECRET_MISSING', `no ${name}`)
            return new Secret(value)
          },
        },
        door: doorOf(answers, asked),
        delivery: readDelivery({
          method,
          url,
          headers: Object.fromEntries(lower),
          bytes: typeof body === 'string' ? Buffer.from(body) : body,
        }),
        keys,
        now: clock,
      })
    },
  }
}

/** A door that answers from a table: what leaves is not what these tests are about. */
function doorOf(answers: Record<string, string>, asked: string[]): Door {
  const closed = () => Promise.reject(new FabricError('IF_ERR_EGRESS_DENIED', 'not in this test'))
  return {
    async send({ url }) {
      asked.push(url)
      const text = answers[url]
      const response: IncomingResponse = {
        status: text === undefined ? 404 : 200,
        headers: {},
        body: Buffer.from(text ?? ''),
        text: text ?? '',
      }
      return { response, attempts: [] }
    },
    stream: closed,
    connect: closed,
    close: async () => {},
  }
}

/** The outcome of one delivery under a scheme. */
export async function prove(rig: ReceiveRig, sent: Sent): Promise<string> {
  const received = await openRig(rig).receive(sent)
  return received.kind === 'refused' ? `${received.status} ${received.reason}` : received.kind
}
