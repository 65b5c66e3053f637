import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillPath } from '../../../src/adapter/address.ts'
import {
  buildRequest,
  get,
  type Instance,
  inPath,
  inputJsonSchema,
  native,
  operationOf,
  originsOf,
  parseInput,
  post,
  secret,
  z,
} from '../../../src/adapter/index.ts'
import { canonicalJson, type JsonObject } from '../../../src/foundation/index.ts'
import { acme, instanceOf, withFacts } from './fixtures/acme.ts'
import { hostileText } from './fixtures/text.ts'

describe('a path template', () => {
  it.each([
    ['/a/{id}', { id: 'x' }, '/a/x'],
    ['/bot{id}/send', { id: '1:AB' }, '/bot1%3AAB/send'],
    ['/v1/{a}:{b}', { a: 'x', b: 'y' }, '/v1/x:y'],
    ['/files/{path+}', { path: 'a b/c&d/é' }, '/files/a%20b/c%26d/%C3%A9'],
    ['/{a}/{a}', { a: 1 }, '/1/1'],
    ['/none', {}, '/none'],
  ])('%s with %j is %s', (template, values, path) => {
    expect(fillPath(template, values)).toBe(path)
  })

  it.each([
    ['/a/{id}', '.'],
    ['/a/{id}', '..'],
    ['/a/{id}', ''],
    ['/files/{id+}', '../b'],
    ['/files/{id+}', 'a/../b'],
    ['/files/{id+}', 'a/./b'],
    ['/files/{id+}', 'a//b'],
    ['/files/{id+}', '/a'],
    ['/files/{id+}', 'a/..'],
    ['/files/{id+}', ''],
  ])('%s refuses %j, which would leave another path', (template, id) => {
    expect(() => fillPath(template, { id })).toThrow(/cannot stand in an address/)
  })

  it('takes no value from a prototype', () => {
    expect(() => fillPath('/a/{toString}', {})).toThrow(/has no value for \{toString\}/)
  })

  it('gives the value back to whoever decodes the path, and never another path', () => {
    fc.assert(
      fc.property(hostileText({ minLength: 1 }), (value) => {
        let path: string
        try {
          path = fillPath('/files/{key+}', { key: value })
        } catch (error) {
          expect(error).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
          return
        }
        expect(new URL(path, 'https://x.example').pathname).toBe(path)
        expect(path.slice('/files/'.length).split('/').map(decodeURIComponent).join('/')).toBe(value)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a part of a host that an answer told', () => {
  const find = native({
    summary: 'Find.',
    effect: 'read',
    input: z.strictObject({ index: z.string() }),
    output: z.object({}),
    request: ({ index }) => get('/find', { base: 'index', host: { index } }),
    result: () => ({}),
    cost: 'free',
    examples: [{ input: { index: 'a-1' }, response: {} }],
  })
  const provider = withFacts({
    baseUrls: { ...acme.baseUrls, index: 'https://{index}.svc.acme.example' },
    hostParts: { index: /^[a-z0-9-]+$/ },
    native: { find },
  })
  const build = (index: string, instance: Partial<Instance> = {}) =>
    buildRequest({ provider, instance: instanceOf(instance), entry: operationOf(provider, 'find'), input: { index } })

  it('makes the address and the one origin that the route allows', () => {
    expect(build('a-1').planned.url).toBe('https://a-1.svc.acme.example/find')
    expect(build('a-1').route.origins).toEqual(['https://a-1.svc.acme.example'])
    expect(build('b-2').route.origins).toEqual(['https://b-2.svc.acme.example'])
  })

  it.each(['evil.example/', 'evil.example#', 'a.b', 'A B', '', 'a\n', 'a@b', 'a:1', '*'])('refuses %j', (index) => {
    expect(() => build(index)).toThrow(/named a host that cannot be its own/)
  })

  it.each(['https://{index}', 'https://{index}.example', 'https://svc.{index}', 'https://a.b.example{index}'])(
    'may not be the owner of the host: %s',
    (index) => {
      const base = { ...acme.baseUrls, index }
      const lying = withFacts({ baseUrls: base, hostParts: { index: /.*/ }, native: { find } })
      const options = { provider: lying, instance: instanceOf(), input: { index: 'evil' } }

      expect(() => buildRequest({ ...options, entry: operationOf(lying, 'find') })).toThrow(
        /an answer would decide more than a part of the host/,
      )
      expect(() => originsOf(lying.definition, instanceOf())).toThrow(/more than a part of the host/)
    },
  )

  it('is open in the origins that a secret is bound to, and beside the point at a twin', () => {
    expect(originsOf(provider.definition, instanceOf())).toContain('https://*.svc.acme.example')
    expect(build('a-1', { twin: 'http://127.0.0.1:9' }).planned.url).toBe('http://127.0.0.1:9/find')
  })
})

describe('a credential in the path', () => {
  const provider = withFacts({
    auth: inPath('token', secret('ACME_TOKEN')),
    operations: {
      ...acme.operations,
      'payment.get': {
        summary: 'Read.',
        effect: 'read',
        request: ({ id }) => get('/bot{token}/get/{id}', { path: { id } }),
        result: (body) => body as never,
        cost: 'free',
        examples: [{ input: { id: 'p' }, response: {} }],
      },
    },
  })
  const build = (operation: string, input: JsonObject) =>
    buildRequest({ provider, instance: instanceOf(), entry: operationOf(provider, operation), input })

  it('is shown by its name and leaves as a hole', () => {
    const built = build('payment.get', { id: 'a/b' })

    expect(built.planned.url).toBe('https://acme.example/api/main/bot<ACME_TOKEN>/get/a%2Fb')
    expect(built.outgoing.url).not.toContain('ACME_TOKEN')
    expect(built.outgoing.slots).toEqual([{ in: 'path', name: 'token', parts: [{ secret: 'ACME_TOKEN' }] }])
    expect(built.route.path).toBe('/api/main/bot{token}/get/{id}')
  })

  it('is no slot of a request whose template has no place for it', () => {
    expect(build('channel.list', { limit: 1 }).outgoing.slots).toEqual([])
  })
})

describe('fields that a provider cannot take', () => {
  const create = acme.operations['payment.create']
  if (!create) throw new Error('the fixture has no payment.create')
  const provider = withFacts({
    operations: { ...acme.operations, 'payment.create': { ...create, without: ['reference', 'customer'] } },
  })
  const entry = operationOf(provider, 'payment.create')
  const parse = (given: JsonObject) => parseInput(entry, given)

  it('are not in the schema that people and programs see', () => {
    const { properties } = inputJsonSchema(entry) as { properties: Record<string, unknown> }

    expect(Object.keys(properties)).toContain('amount')
    expect(Object.keys(properties)).not.toContain('reference')
    expect(Object.keys(properties)).not.toContain('customer')
  })

  it('are refused where they are given, and are no matter where they are not', () => {
    expect(() => parse({ amount: 1, currency: 'GBP', reference: 'x' })).toThrow(/reference/)
    expect(parse({ amount: 1, currency: 'GBP' })).toMatchObject({ amount: 1 })
  })
})

describe('a plan', () => {
  /** Inputs of the fixture's operations. */
  const CALLS: Record<string, fc.Arbitrary<JsonObject>> = {
    'payment.create': fc.record({
      amount: fc.nat(),
      currency: fc.constantFrom('GBP', 'JPY'),
      reference: hostileText({ minLength: 1 }),
    }),
    'payment.get': fc.record({ id: hostileText({ minLength: 1 }) }),
    'file.upload': fc.record({ name: hostileText(), text: hostileText() }),
    'item.find': fc.record({ anything: fc.jsonValue() as fc.Arbitrary<JsonObject> }),
  }

  it.each(Object.entries(CALLS))(
    'of %s is the same bytes for the same input, in every process',
    (operation, inputs) => {
      const build = (input: JsonObject): string => {
        const provider = withFacts({})
        try {
          const built = buildRequest({
            provider,
            instance: instanceOf(),
            entry: operationOf(provider, operation),
            input,
          })
          return canonicalJson([built.planned, String(built.outgoing.body ?? ''), built.outgoing.url] as never)
        } catch (error) {
          return String(error)
        }
      }
      fc.assert(
        fc.property(inputs, (input) => {
          const copy = structuredClone(input)

          expect(build(input)).toBe(build(copy))
          expect(input).toEqual(copy)
        }),
        { numRuns: 40 },
      )
    },
  )

  it('shows a request of XML, of lines and of bytes as it leaves', () => {
    const upload = acme.native?.['file.upload']
    if (!upload) throw new Error('the fixture has no file.upload')
    const planOf = (parts: Parameters<typeof post>[1]) => {
      const provider = withFacts({
        native: { 'file.upload': { ...upload, request: () => post('/upload', { base: 'files', ...parts }) } },
      })
      const entry = operationOf(provider, 'file.upload')
      return buildRequest({ provider, instance: instanceOf(), entry, input: {} }).planned
    }

    expect(planOf({ xml: { A: { B: 1, C: undefined as never } } })).toMatchObject({
      body: { A: { B: 1 } },
      bodyText: '<?xml version="1.0" encoding="UTF-8"?><A><B>1</B></A>',
    })
    expect(planOf({ ndjson: [{ a: 1 }] })).toMatchObject({ body: [{ a: 1 }], bodyText: '{"a":1}\n' })
    const bytes = planOf({ raw: { value: new Uint8Array(2), contentType: 'image/png' } })
    expect(bytes.body).toMatch(/^\(2 bytes, sha256 [0-9a-f]{64}\)$/)
    expect(bytes).not.toHaveProperty('bodyText')
  })
})
