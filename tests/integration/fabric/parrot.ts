// A provider that wants a credential in every place there is, and repeats whatever it is sent. It exists nowhere.
import {
  type Auth,
  allOf,
  basic,
  defineProvider,
  type EventReader,
  generateManifest,
  header,
  inBody,
  inPath,
  type JsonValue,
  jsonBody,
  type LoadedProvider,
  manifestDigest,
  native,
  oauth2ClientCredentials,
  post,
  query,
  secret,
  secretInBody,
  signed,
  z,
} from '../../../src/adapter/index.ts'

const SECRETS = [
  'PATH_TOKEN',
  'QUERY_KEY',
  'HEADER_KEY',
  'BODY_PIN',
  'USER',
  'PASSWORD',
  'CLIENT_ID',
  'CLIENT_SECRET',
  'HMAC_KEY',
  'JWS_KEY',
  'JWS_KID',
] as const
export type ParrotSecret = (typeof SECRETS)[number]

const credentials: Record<string, Auth> = {
  path: inPath('token', secret('PATH_TOKEN')),
  query: query('key', secret('QUERY_KEY')),
  header: header('X-Key', secret('HEADER_KEY'), 'Key '),
  body: inBody(),
  basic: basic(secret('USER'), secret('PASSWORD')),
  oauth: oauth2ClientCredentials({
    template: '/token',
    clientId: secret('CLIENT_ID'),
    clientSecret: secret('CLIENT_SECRET'),
    as: 'body',
  }),
  hmac: signed({
    scheme: 'hmac',
    algorithm: 'sha256',
    key: 'HMAC_KEY',
    over: [{ of: 'path' }, { of: 'body' }, { secret: 'HEADER_KEY' }],
    put: { in: 'header', name: 'X-Signature' },
    output: 'hex',
  }),
  jws: signed({
    scheme: 'jws',
    algorithm: 'ES256',
    key: 'JWS_KEY',
    header: { kid: { secret: 'JWS_KID' } },
    over: [{ of: 'body' }],
    put: { in: 'header', name: 'X-Jws' },
  }),
}
/** Ways to send a credential, each an operation `parrot:PLACE.say`. */
export const PLACES = Object.keys(credentials)

const said = (): EventReader<{ said: JsonValue }> => {
  const words: JsonValue[] = []
  return {
    event({ data }) {
      words.push(data)
      return [{ text: data }]
    },
    end: () => ({ said: words }),
  }
}

const sayOf = (place: string, stream: boolean) => {
  const template = place === 'path' ? '/bot{token}/say/{form}' : '/say/{form}'
  return native({
    summary: 'Have it repeat.',
    effect: 'send',
    // Else the guard asks once it has spoken.
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ form: z.string() }),
    output: z.object({ said: z.json() }),
    request: ({ form }) =>
      post(stream ? `/stream${template}` : template, {
        path: { form },
        auth: place,
        json: place === 'body' ? { pin: secretInBody(secret('BODY_PIN')), as: 'text' } : { text: 'hello' },
        ...(stream ? { stream: 'sse' as const } : {}),
      }),
    result: (body) => ({ said: body }),
    ...(stream ? { events: said } : {}),
    cost: 'free',
    undo: { none: 'what was said stays said' },
    examples: [{ input: { form: 'raw' }, response: {} }],
  })
}

const handlers = Object.fromEntries(
  PLACES.flatMap((place) => ['say', 'sing'].map((verb) => [`parrot:${place}.${verb}`, () => ({ body: {} })])),
)

const definition = defineProvider({
  id: 'parrot',
  name: 'Parrot',
  category: 'chat',
  version: '1.0.0',
  docs: 'https://parrot.example/docs',
  sources: ['https://parrot.example/docs'],
  checkedAt: '2026-01-01',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'http://{host}' },
  settings: { host: { description: 'Host and port.', pattern: /^[a-z0-9.:-]+$/ } },
  secrets: Object.fromEntries(SECRETS.map((name) => [name, { label: name, get: 'https://parrot.example' }])),
  auth: allOf(header('X-Key', secret('HEADER_KEY'))),
  auths: credentials,
  limits: { rps: 1000, burst: 1000, backoffSeconds: [0.001] },
  errors: (response) =>
    response.status < 400
      ? undefined
      : { code: 'IF_ERR_ACTION_FAILED', message: messageIn(jsonBody(response)) ?? `answered ${response.status}` },
  requestId: ({ headers }) => headers['x-request-id'],
  health: { operation: 'parrot:header.say', input: { form: 'raw' }, tell: () => 'works' },
  operations: {},
  native: Object.fromEntries(
    PLACES.flatMap((place) => [
      [`${place}.say`, sayOf(place, false)],
      [`${place}.sing`, sayOf(place, true)],
    ]),
  ),
  twin: { fault: (_kind, message) => ({ status: 400, body: { error: message } }), operations: handlers },
})

function messageIn(body: unknown): string | undefined {
  const parsed = z.object({ error: z.string() }).safeParse(body)
  return parsed.success ? parsed.data.error : undefined
}

/** As it is once its manifest was verified. */
export function loadParrot(): LoadedProvider {
  const manifest = generateManifest(definition, 'providers/chat/parrot')
  return { definition, manifest, digest: manifestDigest(manifest), signedBy: 'test' }
}
