// Descriptions that are no OpenAPI: service models of AWS, Google discovery, Telegram's methods, obs-websocket; and what
// OpenAPI 3.1 and large sets of files bring.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type DescribedRequest,
  openVendorDescription,
  type VendorDescription,
} from '../../../../src/twin/vendor/index.ts'

const S3 = {
  metadata: { protocol: 'rest-xml', apiVersion: '2006-03-01' },
  operations: {
    ListObjectsV2: {
      http: { method: 'GET', requestUri: '/{Bucket}?list-type=2' },
      input: { shape: 'ListRequest' },
      output: { shape: 'ListOutput' },
    },
    PutObject: { http: { method: 'PUT', requestUri: '/{Bucket}/{Key+}' }, input: { shape: 'PutRequest' } },
    DeleteObjects: { http: { method: 'POST', requestUri: '/{Bucket}?delete' }, input: { shape: 'DeleteRequest' } },
  },
  shapes: {
    Text: { type: 'string', min: 1 },
    Count: { type: 'integer' },
    Body: { type: 'blob' },
    ListRequest: {
      type: 'structure',
      required: ['Bucket'],
      members: {
        Bucket: { shape: 'Text', location: 'uri', locationName: 'Bucket' },
        MaxKeys: { shape: 'Count', location: 'querystring', locationName: 'max-keys' },
      },
    },
    ListOutput: { type: 'structure', members: { KeyCount: { shape: 'Count' }, Contents: { shape: 'Objects' } } },
    Objects: { type: 'list', member: { shape: 'Thing' }, flattened: true },
    Thing: { type: 'structure', required: ['Key'], members: { Key: { shape: 'Text' } } },
    PutRequest: {
      type: 'structure',
      required: ['Bucket', 'Key'],
      members: {
        Bucket: { shape: 'Text', location: 'uri', locationName: 'Bucket' },
        Key: { shape: 'Text', location: 'uri', locationName: 'Key' },
        Body: { shape: 'Body' },
      },
      payload: 'Body',
    },
    DeleteRequest: {
      type: 'structure',
      required: ['Bucket', 'Delete'],
      members: {
        Bucket: { shape: 'Text', location: 'uri', locationName: 'Bucket' },
        Delete: { shape: 'Delete', locationName: 'Delete' },
      },
      payload: 'Delete',
    },
    Delete: {
      type: 'structure',
      required: ['Objects'],
      members: { Objects: { shape: 'Objects', locationName: 'Object' } },
    },
  },
}

const EC2 = {
  metadata: { protocol: 'ec2', apiVersion: '2016-11-15' },
  operations: {
    RunInstances: { http: { method: 'POST', requestUri: '/' }, input: { shape: 'Run' } },
    StopInstances: { http: { method: 'POST', requestUri: '/' }, input: { shape: 'Stop' } },
  },
  shapes: {
    Count: { type: 'integer' },
    Text: { type: 'string' },
    Ids: { type: 'list', member: { shape: 'Text' } },
    Run: {
      type: 'structure',
      required: ['MaxCount'],
      members: { MaxCount: { shape: 'Count' }, ImageId: { shape: 'Text' } },
    },
    Stop: { type: 'structure', members: { InstanceIds: { shape: 'Ids', locationName: 'InstanceId' } } },
  },
}

const GOOGLE = {
  discoveryVersion: 'v1',
  servicePath: 'storage/v1/',
  parameters: { alt: { type: 'string', location: 'query' } },
  schemas: {
    Bucket: { type: 'object', properties: { name: { type: 'string' }, acl: { $ref: 'Acl' } } },
    Acl: { type: 'object', properties: { role: { type: 'string', annotations: { required: ['x'] } } } },
  },
  resources: {
    buckets: {
      methods: {
        insert: {
          httpMethod: 'POST',
          path: 'b',
          parameters: { project: { type: 'string', location: 'query', required: true } },
          request: { $ref: 'Bucket' },
          response: { $ref: 'Bucket' },
        },
      },
      resources: {
        objects: {
          methods: {
            upload: {
              httpMethod: 'POST',
              path: 'b/{bucket}/o',
              parameters: {
                bucket: { type: 'string', location: 'path', required: true },
                uploadType: { type: 'string', location: 'query' },
              },
              mediaUpload: { protocols: { simple: { path: '/upload/storage/v1/b/{bucket}/o' } } },
            },
          },
        },
      },
    },
  },
}

const TELEGRAM = {
  methods: {
    sendMessage: {
      returns: ['Message'],
      fields: [
        { name: 'chat_id', types: ['Integer', 'String'], required: true },
        { name: 'entities', types: ['Array of Entity'], required: false },
      ],
    },
  },
  types: {
    Message: { fields: [{ name: 'message_id', types: ['Integer'], required: true }] },
    Entity: { fields: [{ name: 'type', types: ['String'], required: true }] },
    Either: { subtypes: ['Message', 'Entity'] },
  },
}

const OBS = {
  enums: [],
  requests: [
    {
      requestType: 'SetScene',
      requestFields: [
        { valueName: 'sceneName', valueType: 'String', valueOptional: false },
        { valueName: 'sceneName.part', valueType: 'String', valueOptional: true },
      ],
      responseFields: [{ valueName: 'scenes', valueType: 'Array<String>' }],
    },
  ],
}

const OPENAPI_31 = {
  openapi: '3.1.0',
  servers: [{ url: '/{version}', variables: { version: { default: 'v2' } } }],
  paths: {
    '/v2/things/{id}.json': {
      get: {
        parameters: [
          { in: 'path', name: 'id', required: true, schema: { type: 'string' } },
          { in: 'query', name: 'tags', explode: false, schema: { type: 'array', items: { enum: ['a', 'b'] } } },
          { in: 'query', name: 'page', schema: { type: 'object', properties: { size: { type: 'integer' } } } },
          { in: 'header', name: 'Accept', required: true, schema: { type: 'string' } },
        ],
        responses: { '2XX': { content: { 'application/json': { schema: { $ref: '#/components/schemas/thing' } } } } },
      },
    },
    '/events': {
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['id', 'text'],
                properties: { id: { type: 'string', readOnly: true }, text: { type: ['string', 'null'] } },
              },
            },
            'application/octet-stream': {},
          },
        },
        responses: { 200: { content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/thing' } } } } },
      },
    },
  },
  components: {
    schemas: {
      thing: {
        oneOf: [{ $ref: '#/components/schemas/cat' }, { $ref: '#/components/schemas/dog' }],
        discriminator: {
          propertyName: 'kind',
          mapping: { cat: '#/components/schemas/cat', dog: '#/components/schemas/dog' },
        },
      },
      cat: { type: 'object', required: ['lives'], properties: { lives: { type: 'integer', exclusiveMinimum: 0 } } },
      dog: { type: 'object', required: ['tricks'], properties: { tricks: { type: 'array' } } },
    },
  },
}

let folder: string
const opened = async (id: string, files?: RegExp): Promise<VendorDescription> => {
  const description = await openVendorDescription(folder, { id, twin: files ? { described: { files } } : {} })
  if (!description) throw new Error(`no description of ${id}`)
  return description
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-formats-'))
  for (const [path, value] of Object.entries({
    'aws/s3.json': S3,
    'aws/ec2.json': EC2,
    'gcp/storage.json': GOOGLE,
    'telegram/api.json': TELEGRAM,
    'obs/protocol.json': OBS,
    'new/openapi.json': OPENAPI_31,
  })) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), JSON.stringify(value))
  }
})
afterAll(() => rm(folder, { recursive: true }))

const ask = (method: string, path: string, rest: Partial<DescribedRequest> = {}): DescribedRequest => ({
  method,
  path,
  query: {},
  headers: {},
  body: undefined,
  bodyEncoding: undefined,
  ...rest,
})

describe('a service model of AWS', () => {
  it('tells operations of one path apart by their query, and keeps slashes in keys', async () => {
    const s3 = await opened('aws', /s3/)

    expect(s3.checkRequest(ask('GET', '/bucket', { query: { 'list-type': '2', 'max-keys': '5' } }))).toEqual([])
    expect(s3.checkRequest(ask('GET', '/bucket', { query: { 'list-type': '2', 'max-keys': 'x' } }))).toMatchObject([
      { kind: 'query', where: 'max-keys' },
    ])
    expect(s3.checkRequest(ask('GET', '/bucket'))).toMatchObject([{ kind: 'route' }])
    expect(s3.checkRequest(ask('PUT', '/bucket/a/b/c.txt', { body: 'x', bodyEncoding: 'raw' }))).toEqual([])
  })

  it('reads XML both ways, one item like several', async () => {
    const s3 = await opened('aws', /s3/)
    const deletion = (body: object) =>
      s3.checkRequest(ask('POST', '/bucket', { query: { delete: '' }, body: body as never, bodyEncoding: 'xml' }))
    const listed = (body: object) =>
      s3.checkResponse({
        method: 'GET',
        path: '/bucket',
        query: { 'list-type': '2' },
        status: 200,
        body: body as never,
        bodyEncoding: 'xml',
      })

    expect(deletion({ Delete: { Object: { Key: 'a' } } })).toEqual([])
    expect(deletion({ Delete: { Object: [{ Key: 'a' }, { Key: 'b' }] } })).toEqual([])
    expect(deletion({ Remove: {} })).not.toEqual([])
    expect(listed({ ListBucketResult: { KeyCount: '1', Contents: { Key: 'a' } } })).toEqual([])
    expect(listed({ ListBucketResult: { KeyCount: 'many' } })).not.toEqual([])
  })

  it('reads the flattened form of EC2 by its action', async () => {
    const ec2 = await opened('aws', /ec2/)
    const call = (body: Record<string, string>) => ec2.checkRequest(ask('POST', '/', { body, bodyEncoding: 'form' }))

    expect(call({ Action: 'RunInstances', Version: '2016-11-15', MaxCount: '1' })).toEqual([])
    expect(
      call({ Action: 'StopInstances', Version: '2016-11-15', 'InstanceId.1': 'i-1', 'InstanceId.2': 'i-2' }),
    ).toEqual([])
    expect(call({ Action: 'StopInstances', Version: '2016-11-15', 'Instance.1': 'i-1' })).not.toEqual([])
    expect(call({ Action: 'RunInstances', Version: '2000-01-01' }).length).toBeGreaterThan(1)
    expect(call({ Action: 'Unknown' })).toMatchObject([{ kind: 'route' }])
  })
})

describe('a Google discovery document', () => {
  it('has methods of nested resources, with parameters of its own and common ones', async () => {
    const gcp = await opened('gcp')
    const insert = ask('POST', '/storage/v1/b', {
      query: { project: 'p', alt: 'json' },
      body: { name: 'n' },
      bodyEncoding: 'json',
    })

    expect(gcp.checkRequest(insert)).toEqual([])
    expect(gcp.checkRequest({ ...insert, query: {} })).toMatchObject([{ where: 'project' }])
    expect(gcp.checkRequest({ ...insert, body: { acl: { role: 1 } } })).toMatchObject([{ where: '/acl/role' }])
    expect(gcp.checkResponse({ method: 'POST', path: '/storage/v1/b', status: 200, body: { name: 1 } })).toHaveLength(1)
    expect(
      gcp.checkRequest(
        ask('POST', '/upload/storage/v1/b/x/o', { query: { uploadType: 'media' }, body: 'x', bodyEncoding: 'raw' }),
      ),
    ).toEqual([])
  })
})

describe('the methods of Telegram', () => {
  it('stand behind the token, and take JSON, forms and queries', async () => {
    const telegram = await opened('telegram')
    const path = '/bot1:abc/sendMessage'

    expect(
      telegram.checkRequest(
        ask('POST', path, { body: { chat_id: '@a', entities: [{ type: 'bold' }] }, bodyEncoding: 'json' }),
      ),
    ).toEqual([])
    expect(
      telegram.checkRequest(ask('POST', path, { body: { chat_id: '1', entities: '[]' }, bodyEncoding: 'form' })),
    ).toEqual([])
    expect(
      telegram.checkRequest(ask('POST', path, { body: { text: 'x' }, bodyEncoding: 'json' })).length,
    ).toBeGreaterThan(0)
    expect(telegram.checkRequest(ask('GET', path, { query: { chat_id: '1' } }))).toEqual([])
    expect(
      telegram.checkResponse({ method: 'POST', path, status: 200, body: { ok: true, result: { message_id: 1 } } }),
    ).toEqual([])
    expect(telegram.checkResponse({ method: 'POST', path, status: 200, body: { ok: true, result: {} } })).not.toEqual(
      [],
    )
    expect(
      telegram.checkResponse({
        method: 'POST',
        path,
        status: 400,
        body: { ok: false, error_code: 400, description: 'Bad' },
      }),
    ).toEqual([])
  })
})

describe('the protocol of obs-websocket', () => {
  it('has commands with fields', async () => {
    const obs = await opened('obs')
    const command = (body: object) =>
      obs.checkRequest(ask('WS', '/SetScene', { body: body as never, bodyEncoding: 'json' }))

    expect(command({ sceneName: 'Live' })).toEqual([])
    expect(command({ scene: 'Live' }).length).toBeGreaterThan(0)
    expect(obs.checkResponse({ method: 'WS', path: '/SetScene', status: 200, body: { scenes: ['a'] } })).toEqual([])
    expect(obs.checkResponse({ method: 'WS', path: '/SetScene', status: 200, body: { scenes: 'a' } })).not.toEqual([])
  })
})

describe('OpenAPI 3.1', () => {
  it('takes a path that has the prefix of its server already, and a parameter that is a part of a segment', async () => {
    const description = await opened('new')

    expect(description.checkRequest(ask('GET', '/v2/things/1.json'))).toEqual([])
    expect(description.checkRequest(ask('GET', '/v2/v2/things/1.json'))).toEqual([])
    expect(description.checkRequest(ask('GET', '/v2/things/1'))).toMatchObject([{ kind: 'route' }])
  })

  it('splits a list that travels in one text, and knows members of an object as parameters', async () => {
    const description = await opened('new')
    const things = (query: Record<string, string>) =>
      description.checkRequest(ask('GET', '/v2/things/1.json', { query }))

    expect(things({ tags: 'a,b', size: '5' })).toEqual([])
    expect(things({ tags: 'a,c' })).toMatchObject([{ kind: 'query', where: 'tags/1' }])
    expect(things({ size: 'x' })).toMatchObject([{ kind: 'query', where: 'page/size' }])
  })

  it('follows a discriminator to the branch that it names, and judges each event of a stream', async () => {
    const description = await opened('new')
    const answered = (body: object) =>
      description.checkResponse({ method: 'GET', path: '/v2/things/1.json', status: 201, body: body as never })

    expect(answered({ kind: 'cat', lives: 9 })).toEqual([])
    expect(answered({ kind: 'cat', lives: 0 })).toMatchObject([{ where: '/lives' }])
    expect(answered({ kind: 'dog', lives: 9 })).toMatchObject([{ message: expect.stringContaining('tricks') }])
    const event = { method: 'POST', path: '/v2/events', status: 200, bodyEncoding: 'event' } as const
    expect(description.checkResponse({ ...event, body: { kind: 'dog' } })).toHaveLength(1)
    expect(description.checkResponse({ ...event, status: 404, body: {} })).toMatchObject([{ kind: 'status' }])
  })

  it('does not ask a request for what only an answer has, and takes bytes where they are described', async () => {
    const description = await opened('new')

    expect(description.checkRequest(ask('POST', '/v2/events', { body: { text: null }, bodyEncoding: 'json' }))).toEqual(
      [],
    )
    expect(description.checkRequest(ask('POST', '/v2/events', { body: {}, bodyEncoding: 'json' }))).toHaveLength(1)
    expect(description.checkRequest(ask('POST', '/v2/events', { body: 'x', bodyEncoding: 'raw' }))).toEqual([])
    expect(description.checkRequest(ask('POST', '/v2/events', { body: [1], bodyEncoding: 'ndjson' }))).toHaveLength(1)
  })
})
