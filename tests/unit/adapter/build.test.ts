import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  basic,
  buildRequest,
  get,
  header,
  type LoadedProvider,
  noAuth,
  operationOf,
  query,
  secret,
  sentinelFor,
} from '../../../src/adapter/index.ts'
import { matchRoute } from '../../../src/egress/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { acme, instanceOf, load, withBasic, withFacts } from './fixtures/acme.ts'
import { hostileText } from './fixtures/text.ts'

const provider = load()

const build = (operation: string, input: JsonObject, options: { of?: LoadedProvider; instance?: object } = {}) => {
  const from = options.of ?? provider
  return buildRequest({
    provider: from,
    instance: instanceOf(options.instance),
    entry: operationOf(from, operation),
    input,
  })
}

describe('building a request', () => {
  it('shows the whole request with secret and key as holes, and hands the door one without them', () => {
    const built = build('payment.create', { amount: 2500, currency: 'GBP', reference: '1842' })

    expect(built.planned).toEqual({
      transport: 'http',
      method: 'POST',
      url: 'https://acme.example/api/main/payments',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/x-www-form-urlencoded',
        'Acme-Version': '2026-01-01',
        Authorization: 'Bearer <ACME_TOKEN>',
        'Idempotency-Key': '$key',
      },
      body: { amount: 2500, currency: 'gbp', metadata: { reference: '1842' } },
      bodyText: 'amount=2500&currency=gbp&metadata[reference]=1842',
    })
    expect(built.outgoing.headers).not.toHaveProperty('Authorization')
    expect(built.outgoing.headers).not.toHaveProperty('Idempotency-Key')
    expect(built.outgoing.slots).toEqual([
      { in: 'header', name: 'Authorization', parts: ['Bearer ', { secret: 'ACME_TOKEN' }] },
    ])
    expect(built.idempotencyHeader).toBe('Idempotency-Key')
    expect(built.route).toEqual({
      method: 'POST',
      origins: ['https://acme.example'],
      path: '/api/main/payments',
    })
  })

  it('gives no idempotency key to a read or to a method without one', () => {
    expect(build('item.find', { where: 'here' }).idempotencyHeader).toBeUndefined()
    expect(build('payment.cancel', { id: 'p' }).idempotencyHeader).toBeUndefined()
  })

  it('keeps an unset setting visible and allows no origin until it is set', () => {
    const built = build('payment.get', { id: 'p' }, { instance: { settings: {} } })

    expect(built.planned.url).toBe('https://{host}/api/main/payments/p')
    expect(built.unset).toEqual(['host'])
    expect(built.route.origins).toEqual([])
  })

  it('encodes a setting in the path and pins it in the route', () => {
    const built = build(
      'payment.get',
      { id: 'p' },
      { instance: { settings: { host: 'h.example:8123', account: 'a/../b' } } },
    )

    expect(built.planned.url).toBe('https://h.example:8123/api/a%2F..%2Fb/payments/p')
    expect(built.route).toEqual({
      method: 'GET',
      origins: ['https://h.example:8123'],
      path: '/api/a%2F..%2Fb/payments/{id}',
    })
  })

  it('puts a twin in place of every origin and keeps the path, whatever is unset', () => {
    const instance = { settings: {}, twin: 'http://127.0.0.1:9999' }

    expect(build('payment.get', { id: 'p' }, { instance })).toMatchObject({
      unset: [],
      planned: { url: 'http://127.0.0.1:9999/api/main/payments/p' },
      route: { origins: ['http://127.0.0.1:9999'] },
    })
    expect(build('device.get', { id: 'x' }, { instance }).planned.url).toBe('ws://127.0.0.1:9999/live/socket')
  })

  it('refuses a setting that does not fit its pattern', () => {
    expect(() => build('payment.get', { id: 'p' }, { instance: { settings: { host: 'evil/@x' } } })).toThrow(
      /instance acme-eu: host: "evil\/@x" is not usable/,
    )
  })

  it.each(['evil.example/@', 'a.example?x=', 'user:pass@a.example', 'a.example#', 'a b', 'x\\y'])(
    'refuses the setting %j although its pattern lets it through',
    (host) => {
      const lax = withFacts({ settings: { ...acme.settings, host: { description: 'Host.', pattern: /.*/ } } })

      expect(() => build('payment.get', { id: 'p' }, { of: lax, instance: { settings: { host } } })).toThrow(
        /not usable/,
      )
    },
  )

  it('takes a whole address as setting, with its path', () => {
    const whole = withFacts({
      baseUrls: { ...acme.baseUrls, main: '{url}' },
      settings: { ...acme.settings, url: { description: 'Address.', pattern: /^https?:/ } },
    })

    const built = build(
      'payment.get',
      { id: 'p' },
      { of: whole, instance: { settings: { url: 'http://nas.example:81/acme/' } } },
    )

    expect(built.planned.url).toBe('http://nas.example:81/acme/payments/p')
    expect(built.route).toMatchObject({ origins: ['http://nas.example:81'], path: '/acme/payments/{id}' })
  })

  it.each(['.', '..', ''])('refuses %j as a value in the path', (id) => {
    expect(() => build('payment.get', { id })).toThrow(/id: .* cannot stand in an address/)
  })

  it('keeps whatever a path value holds inside its segment, so that the door finds the route', () => {
    fc.assert(
      fc.property(hostileText({ minLength: 1 }), (id) => {
        fc.pre(!/(^|[/\\])\.{1,2}($|[/\\])/.test(id))
        const { outgoing, route } = build('payment.get', { id })

        expect(matchRoute(route, outgoing).matches).toBe(true)
        expect(decodeURIComponent(outgoing.url.split('/').at(-1) ?? '')).toBe(id)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a route that the signed manifest does not name, before anything could leave', () => {
    const changed = load()
    const signed = changed.manifest.operations['payment.get']
    if (signed) signed.path = '/api/{account}/other/{id}'

    expect(() => build('payment.get', { id: 'p' }, { of: changed })).toThrow(
      /the manifest of acme does not allow payment\.get to reach GET https:\/\/\{host\}\/api\/\{account\}\/payments\/\{id\}/,
    )
  })

  it('finds the second route of an operation', () => {
    expect(build('item.find', { where: 'there' }).planned).toMatchObject({
      url: 'https://acme.example/api/main/there/find',
      bodyText: '{}',
    })
  })

  it('shows holes where they will be filled', () => {
    const built = build('payment.create', {
      amount: sentinelFor('number', 1),
      currency: 'GBP',
      source: sentinelFor('string', 2),
    })

    expect(built.planned.bodyText).toBe('amount=9007199254700001&currency=gbp&source=ifab-ref-00002')
  })

  it('shows the multipart boundary as a hole', () => {
    const built = build('file.upload', { name: 'a.txt', text: 'hello' })

    expect(built.planned.headers['Content-Type']).toBe('multipart/form-data; boundary=$boundary')
    expect(built.planned.bodyText).toMatch(/^--\$boundary\r\n[\s\S]*--\$boundary--\r\n$/)
    expect(built.planned.body).toEqual([
      { name: 'title', value: 'a.txt' },
      { name: 'file', value: 'hello', filename: 'a.txt', contentType: 'text/plain' },
    ])
    expect(built.outgoing.headers['Content-Type']).toMatch(/boundary=ifab-[0-9a-f]{32}$/)
  })

  it('shows bytes of a part by their size and digest', () => {
    const binary = withNative({ multipart: [{ name: 'f', value: new Uint8Array(3), filename: 'x' }] })

    const { planned } = build('file.upload', { name: 'a', text: 'b' }, { of: binary })

    const digest = createHash('sha256').update(new Uint8Array(3)).digest('hex')
    expect(planned.body).toEqual([{ name: 'f', value: `(3 bytes, sha256 ${digest})`, filename: 'x' }])
    expect(planned).not.toHaveProperty('bodyText')
  })

  it('lets a request overrule a header in any spelling and refuses line breaks', () => {
    const own = withNative({ headers: { 'acme-version': '2027-01-01', ACCEPT: 'text/plain' } })
    const evil = withNative({ headers: { 'X-Name': 'a\r\nX-Evil: 1' } })

    expect(build('file.upload', { name: 'a', text: 'b' }, { of: own }).outgoing.headers).toEqual({
      'acme-version': '2027-01-01',
      ACCEPT: 'text/plain',
    })
    expect(() => build('file.upload', { name: 'a', text: 'b' }, { of: evil })).toThrow(
      /header X-Name: .* cannot be sent/,
    )
  })

  it('frames a websocket command without a credential in the opening request', () => {
    const built = build('device.get', { id: 'lamp' })

    expect(built.planned).toEqual({
      transport: 'websocket',
      method: 'GET',
      url: 'wss://acme.example/live/socket',
      headers: { 'Acme-Version': '2026-01-01' },
      body: { type: 'get', device: 'lamp' },
    })
    expect(built.outgoing.slots).toEqual([])
    expect(built.route).toEqual({ method: 'GET', origins: ['https://acme.example'], path: '/live/socket' })
  })

  it('names faults of the definition itself', () => {
    const lost = withNative({})
    const { file } = { file: operationOf(lost, 'file.upload') }
    const spec = (template: string, base: string) => ({
      ...file,
      operation: { ...file.operation, request: () => get(template, { base }) },
    })
    const instance = instanceOf()

    expect(() => buildRequest({ provider: lost, instance, entry: spec('/x', 'nowhere'), input: {} })).toThrow(
      /acme has no base address "nowhere"/,
    )
    expect(() => build('payment.get', { id: 'p' }, { of: withFacts({ settings: {} }) })).toThrow(
      /acme does not define its setting/,
    )
    expect(() => build('payment.get', {})).toThrow(/the path \/payments\/\{id\} has no value for \{id\}/)
  })
})

describe('auth', () => {
  it('shows Basic as user and password', () => {
    const { planned, outgoing } = build('payment.get', { id: 'p' }, { of: withBasic() })

    expect(planned.headers.Authorization).toBe('Basic <ACME_EXTRA>:<ACME_TOKEN>')
    expect(outgoing.slots).toEqual([
      {
        in: 'header',
        name: 'Authorization',
        parts: [{ secret: 'ACME_EXTRA' }, ':', { secret: 'ACME_TOKEN' }],
        encode: 'basic',
        optional: true,
      },
    ])
    expect(basic('api', secret('K')).slots[0]?.parts).toEqual(['api', ':', { secret: 'K' }])
  })

  it('shows a header with its prefix, and a query parameter after the others', () => {
    const token = secret('ACME_TOKEN')
    const own = build('payment.get', { id: 'p' }, { of: withFacts({ auth: header('X-Key', token) }) })
    const prefixed = build('payment.get', { id: 'p' }, { of: withFacts({ auth: header('X-Key', token, 'Key ') }) })
    const inQuery = withFacts({ auth: query('api_key', token) })
    const none = build('payment.get', { id: 'p' }, { of: withFacts({ auth: noAuth() }) })

    expect(own.planned.headers['X-Key']).toBe('<ACME_TOKEN>')
    expect(prefixed.planned.headers['X-Key']).toBe('Key <ACME_TOKEN>')
    expect(build('payment.get', { id: 'p' }, { of: inQuery }).planned.url).toMatch(/\/p\?api_key=<ACME_TOKEN>$/)
    expect(build('channel.list', { limit: 1 }, { of: inQuery }).planned.url).toMatch(/\?limit=1&api_key=<ACME_TOKEN>$/)
    expect(build('channel.list', { limit: 1 }, { of: inQuery }).outgoing.url).toMatch(/\?limit=1$/)
    expect(none.outgoing.slots).toEqual([])
  })
})

/** Acme with another request behind `file.upload`. */
function withNative(parts: Parameters<typeof get>[1]): LoadedProvider {
  const upload = acme.native?.['file.upload']
  if (!upload) throw new Error('the fixture has no file.upload')
  return withFacts({
    native: { 'file.upload': { ...upload, request: () => get('/upload', { base: 'files', ...parts }) } },
  })
}
