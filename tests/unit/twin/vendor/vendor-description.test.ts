import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DescriptionFault } from '../../../../src/adapter/index.ts'
import {
  type DescribedRequest,
  openVendorDescription,
  type VendorDescription,
  vendorDescriptionsFolder,
} from '../../../../src/twin/vendor/index.ts'

const SWAGGER_2 = {
  swagger: '2.0',
  basePath: '/api',
  parameters: { channel: { in: 'query', name: 'channel', required: true, type: 'string' } },
  paths: {
    '/chat.post': {
      post: {
        consumes: ['application/x-www-form-urlencoded', 'application/json', 'multipart/form-data'],
        parameters: [
          { in: 'header', name: 'token', required: true, type: 'string' },
          { in: 'formData', name: 'channel', required: true, type: 'string' },
          { in: 'formData', name: 'ts', type: 'number', minimum: 0, exclusiveMinimum: true },
        ],
        responses: {
          200: { schema: { $ref: '#/definitions/posted' } },
          default: { schema: { type: 'object', properties: { ok: { enum: [false] } } } },
        },
      },
    },
    '/history': { get: { parameters: [{ $ref: '#/parameters/channel' }], responses: { 200: {} } } },
    '/whole': {
      post: {
        parameters: [{ in: 'body', name: 'body', required: true, schema: { type: 'object', required: ['a'] } }],
        responses: { 200: { description: 'open' } },
      },
    },
  },
  definitions: {
    posted: {
      type: 'object',
      required: ['ok', 'messages'],
      additionalProperties: false,
      properties: {
        ok: { type: 'boolean' },
        messages: { type: 'array', minItems: 1, items: { $ref: '#/definitions/message' } },
        tuple: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] },
      },
    },
    message: {
      type: 'object',
      patternProperties: { '^x-': { type: 'string' } },
      properties: { reply: { $ref: '#/definitions/message' }, ts: { type: 'string', pattern: '^\\d+$' } },
    },
  },
}

const OPENAPI_3 = `
openapi: 3.0.0
servers: [{ url: 'https://pay.example/base/' }]
paths:
  /v1/pay/search: { get: { responses: { '200': { description: ok } } } }
  /v1/pay/{id}:
    parameters: [{ in: path, name: id, required: true, schema: { type: string, maxLength: 5 } }]
    get:
      parameters:
        - { in: query, name: created, style: deepObject, schema: { type: object, properties: { gte: { type: integer } } } }
        - { in: query, name: expand, schema: { type: array, items: { type: string } } }
      responses:
        '200': { content: { application/json: { schema: { $ref: '#/components/schemas/pay' } } } }
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [amount]
              additionalProperties: false
              properties:
                amount: { type: integer }
                confirm: { type: boolean }
                items: { type: array, items: { type: object, properties: { price: { type: string } } } }
                tax: { anyOf: [{ enum: [''] }, { type: object }] }
      responses: { '200': { content: { 'application/json; charset=utf-8': {} } } }
components:
  schemas:
    pay:
      type: object
      properties:
        note: { type: string, nullable: true }
        owner: { nullable: true, anyOf: [{ type: string }, { $ref: '#/components/schemas/pay' }] }
        url: { type: string, format: uri }
        age: { type: integer, format: unix-time, maximum: 10, exclusiveMaximum: true }
        lost: { $ref: '#/components/schemas/nowhere' }
`

let folder: string
const FAULTS: readonly DescriptionFault[] = [
  {
    reason: 'the vendor itself no longer wants the parameter',
    excuses: { operations: /^POST /, kind: 'header', where: /^token$/ },
  },
  {
    reason: 'the vendor reports errors inside HTTP 200',
    answers: { status: 200, member: 'ok', is: false, describedUnder: 'default' },
  },
]
const provider = (id: string, faults: readonly DescriptionFault[] = FAULTS) => ({ id, twin: { described: { faults } } })

const open = async (id: string): Promise<VendorDescription> => {
  const description = await openVendorDescription(folder, provider(id))
  if (!description) throw new Error(`no description of ${id}`)
  return description
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-descriptions-'))
  await Promise.all(['slack', 'pay', 'prose'].map((id) => mkdir(join(folder, id))))
  await writeFile(join(folder, 'slack/web.json'), JSON.stringify(SWAGGER_2))
  await writeFile(join(folder, 'slack/events.json'), '{"asyncapi":"1.1.0"}')
  await writeFile(join(folder, 'pay/pay.yaml'), OPENAPI_3)
  await writeFile(join(folder, 'prose/readme.md'), '# nothing')
})
afterAll(() => rm(folder, { recursive: true }))

const EMPTY = { query: {}, headers: {}, body: undefined, bodyEncoding: undefined }
const post: DescribedRequest = { ...EMPTY, method: 'POST', path: '/api/chat.post', body: {}, bodyEncoding: 'form' }

describe('a vendor description', () => {
  it('is absent where the folder has none', async () => {
    expect(await openVendorDescription(folder, provider('unknown'))).toBeUndefined()
    expect(await openVendorDescription(folder, provider('prose'))).toBeUndefined()
  })

  it('reads the files that describe an API and passes over others', async () => {
    expect((await open('slack')).files).toEqual(['web.json'])
    expect((await open('pay')).files).toEqual(['pay.yaml'])
  })

  it('is looked for where IFAB_SPECS says, and nowhere else then', () => {
    expect(vendorDescriptionsFolder({ IFAB_SPECS: folder })).toBe(folder)
    expect(vendorDescriptionsFolder({ IFAB_SPECS: join(folder, 'nowhere') })).toBeUndefined()
  })

  it('knows its operations by method and whole path, a literal segment before a parameter', async () => {
    const [chat, pay] = await Promise.all([open('slack'), open('pay')])

    expect(chat.covers('post', '/api/chat.post')).toBe(true)
    expect(chat.covers('GET', '/api/chat.post')).toBe(false)
    expect(chat.covers('POST', '/chat.post')).toBe(false)
    expect(pay.covers('GET', '/base/v1/pay/')).toBe(false)
    expect(pay.checkRequest({ ...EMPTY, method: 'GET', path: '/base/v1/pay/search' })).toEqual([])
    expect(pay.checkRequest({ ...EMPTY, method: 'GET', path: '/base/v1/pay/toolong' })).toMatchObject([
      { kind: 'path' },
    ])
    expect(chat.checkRequest({ ...post, path: '/api/none' })).toMatchObject([{ kind: 'route' }])
    expect(chat.checkResponse({ method: 'GET', path: '/api/none', status: 200, body: {} })).toMatchObject([
      { kind: 'route' },
    ])
  })
})

describe('a request against Swagger 2', () => {
  it('takes texts of a form as the types that are described', async () => {
    const description = await open('slack')

    expect(description.checkRequest({ ...post, body: { channel: 'C1', ts: '1503435956.000247' } })).toEqual([])
    expect(description.checkRequest({ ...post, body: { channel: 'C1', ts: 'x' } })).toMatchObject([{ where: '/ts' }])
    expect(description.checkRequest({ ...post, body: { channel: 'C1', ts: '0' } })).toMatchObject([{ where: '/ts' }])
  })

  it('takes no texts for numbers in JSON', async () => {
    const body = { channel: 'C1', ts: '1' }
    expect((await open('slack')).checkRequest({ ...post, body, bodyEncoding: 'json' })).toMatchObject([
      { where: '/ts' },
    ])
  })

  it('names what is missing and what is not described', async () => {
    const description = await open('slack')

    expect(description.checkRequest({ ...post, body: undefined, bodyEncoding: undefined })).toMatchObject([
      { kind: 'body', message: expect.stringContaining('channel') },
    ])
    expect(description.checkRequest({ ...post, body: { channel: 'C1', nonsense: '1' } })).toMatchObject([
      { kind: 'body', message: expect.stringContaining('nonsense') },
    ])
    expect(
      description.checkRequest({ ...EMPTY, method: 'GET', path: '/api/history', query: { zz: '1' } }),
    ).toMatchObject([
      { kind: 'query', where: 'channel', message: 'is required' },
      { kind: 'query', where: 'zz' },
    ])
  })

  it('takes a whole body only as JSON', async () => {
    const description = await open('slack')
    const whole = { ...post, path: '/api/whole' }

    expect(description.checkRequest({ ...whole, body: { a: 1 }, bodyEncoding: 'json' })).toEqual([])
    expect(description.checkRequest({ ...whole, body: {}, bodyEncoding: 'json' })).toMatchObject([{ kind: 'body' }])
    expect(description.checkRequest({ ...whole, body: { a: 1 } })).toMatchObject([
      { message: expect.stringContaining('form') },
    ])
  })

  it('excuses the token parameter that Slack itself no longer wants, with a reason', async () => {
    const description = await open('slack')

    expect(description.faults).toBe(FAULTS)
    expect(description.checkRequest({ ...post, body: { channel: 'C1' } })).toEqual([])
  })
})

describe('a request against OpenAPI 3', () => {
  const pay = { ...EMPTY, method: 'POST', path: '/base/v1/pay/1', bodyEncoding: 'form' as const }

  it('reads nested form fields, decoded as lists or as objects', async () => {
    const description = await open('pay')

    expect(description.checkRequest({ ...pay, body: { amount: 5, confirm: true, items: [{ price: 'p' }] } })).toEqual(
      [],
    )
    expect(description.checkRequest({ ...pay, body: { amount: '5', items: { 0: { price: 'p' } } } })).toEqual([])
    expect(description.checkRequest({ ...pay, body: { amount: '5', items: { a: { price: 'p' } } } })).not.toEqual([])
    expect(description.checkRequest({ ...pay, body: { amount: '5', tax: '' } })).toEqual([])
    expect(description.checkRequest({ ...pay, body: { amount: '5.5' } })).toMatchObject([{ where: '/amount' }])
  })

  it('leaves the caller’s data as it was', async () => {
    const body = { amount: '5', confirm: 'true' }
    ;(await open('pay')).checkRequest({ ...pay, body })

    expect(body).toEqual({ amount: '5', confirm: 'true' })
  })

  it('nests brackets of a query', async () => {
    const description = await open('pay')
    const get = { ...EMPTY, method: 'GET', path: '/base/v1/pay/1' }

    expect(description.checkRequest({ ...get, query: { 'created[gte]': '5', 'expand[]': ['a', 'b'] } })).toEqual([])
    expect(description.checkRequest({ ...get, query: { 'expand[0]': 'a', 'expand[1]': 'b' } })).toEqual([])
    expect(description.checkRequest({ ...get, query: { 'created[gte]': 'x' } })).toMatchObject([
      { kind: 'query', where: 'created/gte' },
    ])
  })
})

describe('an answer', () => {
  const history = { method: 'POST', path: '/api/chat.post', status: 200 }

  it('is followed through references, down to the place that is wrong', async () => {
    const body = { ok: true, messages: [{ ts: '1', reply: { reply: { ts: 'x' } } }] }
    expect((await open('slack')).checkResponse({ ...history, body })).toMatchObject([
      { kind: 'response', where: '/messages/0/reply/reply/ts' },
    ])
  })

  it('is held against the error’s description where the vendor hides errors in a success', async () => {
    const description = await open('slack')
    expect(description.checkResponse({ ...history, body: { ok: false, error: 'x' } })).toEqual([])
    expect(description.checkResponse({ ...history, body: { ok: true } })).toMatchObject([
      { message: expect.stringContaining('messages') },
    ])
  })

  it('takes null where it is described as nullable, with and without a type', async () => {
    const description = await open('pay')
    const answer = (body: object) =>
      description.checkResponse({ method: 'GET', path: '/base/v1/pay/1', status: 200, body: body as never })

    expect(answer({ note: null, owner: null })).toEqual([])
    expect(answer({ owner: { owner: 'me' } })).toEqual([])
    expect(answer({ note: 5 })).not.toEqual([])
    expect(answer({ url: 'no uri' })).not.toEqual([])
    expect(answer({ age: 9 })).toEqual([])
    expect(answer({ age: 10 })).not.toEqual([])
    expect(answer({ lost: 1 })).not.toEqual([])
  })

  it('is refused under a status that is not described, and free where its body is not', async () => {
    const description = await open('pay')
    const get = { method: 'GET', path: '/base/v1/pay/1', body: {} }

    expect(description.checkResponse({ ...get, status: 418 })).toMatchObject([{ kind: 'status', where: '418' }])
    expect(description.checkResponse({ ...get, method: 'POST', status: 200, body: 'anything' })).toEqual([])
    expect((await open('slack')).checkResponse({ ...history, path: '/api/whole', body: 'anything' })).toEqual([])
  })
})
