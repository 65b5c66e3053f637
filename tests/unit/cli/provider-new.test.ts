// ifab provider new: what it writes is a definition that loads and makes requests, and nothing that is there is touched.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  definedOperations,
  exampleRequests,
  generateManifest,
  type ProviderDefinition,
} from '../../../src/adapter/index.ts'
import { type NewProvider, newProvider } from '../../../src/cli/scaffold/new-provider.ts'
import { openTwin } from '../../../src/twin/index.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')

const ROW = `
id: pigeon
name: Pigeon Post
docs: https://pigeon.example/docs
baseUrls: { production: https://api.pigeon.example/v1, files: https://files.pigeon.example }
auth: { scheme: header, detail: "X-Pigeon-Key: {key}" }
secrets: [PIGEON_KEY]
rateLimit: { rps: 5 }
operations:
  - { id: letter.get, method: GET, path: '/letters/{id}', effect: read, params: { id: string*, fields: array } }
  - { id: letter.send, method: POST, path: /letters, effect: send, params: { to*: string, text: "string* <= 100 chars, it's plain", pages: int, express: bool } }
  - { id: letter.recall, method: DELETE, path: '/letters/{id}', effect: delete }
  - { id: feed, method: WS, path: /feed, effect: read }
  - { id: file.put, method: PUT, path: /f, base: files, effect: create }
`

const OPENAPI = {
  openapi: '3.0.3',
  info: { title: 'Coop', version: '2' },
  servers: [{ url: 'https://coop.example/api' }],
  paths: {
    '/hens/{hen}': {
      parameters: [{ in: 'path', name: 'hen', required: true, schema: { $ref: '#/components/schemas/id' } }],
      get: {
        operationId: 'getHen',
        summary: 'Read a hen',
        parameters: [{ in: 'query', name: 'with', schema: { type: 'array', items: { type: 'string' } } }],
        responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/hen' } } } } },
      },
      put: {
        requestBody: { content: { 'application/json': { schema: { allOf: [{ $ref: '#/components/schemas/hen' }] } } } },
        responses: { 204: {} },
      },
    },
    '/hens': {
      post: {
        operationId: 'hens_create',
        requestBody: {
          content: { 'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/hen' } } },
        },
        responses: { 201: {} },
      },
    },
  },
  components: {
    securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
    schemas: {
      id: { type: 'string', format: 'uuid' },
      hen: {
        type: 'object',
        required: ['name', 'eggs', 'kind'],
        properties: {
          name: { type: 'string', minLength: 12 },
          eggs: { type: 'integer', minimum: 2 },
          kind: { enum: ['brown', 'white'] },
          'feed-at': { type: 'string', format: 'date-time' },
        },
      },
    },
  },
}

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ifab-new-provider-'))
  await mkdir(join(root, 'src/providers'), { recursive: true })
  await mkdir(join(root, 'src/adapter'))
  const adapter = JSON.stringify(join(REPOSITORY, 'src/adapter/index.ts'))
  await writeFile(join(root, 'src/adapter/index.ts'), `export * from ${adapter}\n`)
})
afterEach(() => rm(root, { recursive: true }))

async function scaffold(id: string, file: string, text: string, category?: string): Promise<NewProvider> {
  const from = join(root, file)
  await mkdir(join(from, '..'), { recursive: true })
  await writeFile(from, text)
  return newProvider({
    id,
    from,
    ...(category === undefined ? {} : { category }),
    root,
    templates: join(REPOSITORY, 'templates/provider'),
    today: '2026-11-25',
  })
}

async function definitionOf({ files }: NewProvider): Promise<ProviderDefinition> {
  return ((await import(/* @vite-ignore */ join(root, files[0] ?? ''))) as { default: ProviderDefinition }).default
}

describe('a provider from a row of facts', () => {
  it('has the operations that go over HTTP to the main address, with fields and examples', async () => {
    const made = await scaffold('pigeon', 'chat/pigeon.yaml', ROW)
    const definition = await definitionOf(made)
    const operations = definedOperations(definition)

    expect(made).toMatchObject({ category: 'chat', operations: 3 })
    expect(operations.map(({ id, operation }) => [id, operation.effect])).toEqual([
      ['pigeon:letter.get', 'read'],
      ['pigeon:letter.send', 'send'],
      ['pigeon:letter.recall', 'delete'],
    ])
    expect(operations.map((operation) => exampleRequests(operation, 0).first)).toMatchObject([
      { method: 'GET', template: '/letters/{id}', path: { id: 'sample-1' } },
      { method: 'POST', body: { encoding: 'json', value: { to: 'sample-1', text: 'sample-1' } } },
      { method: 'DELETE' },
    ])
    expect(definition).toMatchObject({ limits: { rps: 5 }, confidence: 'low', auth: { scheme: 'header' } })
    expect(Object.keys(generateManifest(definition, 'providers/chat/pigeon').operations)).toHaveLength(3)
  })

  it('has a twin that answers, and a test beside the others', async () => {
    const made = await scaffold('pigeon', 'chat/pigeon.yaml', ROW)
    const twin = await openTwin({ provider: await definitionOf(made) })
    try {
      const headers = { 'x-pigeon-key': twin.secrets.PIGEON_KEY ?? '' }

      expect((await fetch(`${twin.url}/v1/letters/1`, { headers })).status).toBe(200)
      expect((await fetch(`${twin.url}/v1/letters/1`)).status).toBe(401)
      expect(await readFile(join(root, 'tests/unit/providers/pigeon.test.ts'), 'utf8')).toContain(
        'chat/pigeon/index.ts',
      )
    } finally {
      await twin.close()
    }
  })
})

describe('a provider from an OpenAPI description', () => {
  it('has samples that the schemas take, and answers as they are described', async () => {
    const definition = await definitionOf(await scaffold('coop', 'coop.json', JSON.stringify(OPENAPI), 'production'))
    const operations = definedOperations(definition)

    expect(operations.map(({ id }) => id)).toEqual(['coop:hen.get', 'coop:hens_hen.put', 'coop:hens.create'])
    expect(operations[0]?.operation.examples[0]).toMatchObject({
      input: { hen: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      response: { name: 'sample-11111', eggs: 2, kind: 'brown' },
    })
    expect(operations.map((operation) => exampleRequests(operation, 0).first)).toMatchObject([
      { template: '/hens/{hen}' },
      { body: { encoding: 'json', value: { eggs: 2 } } },
      { body: { encoding: 'form', value: { kind: 'brown' } } },
    ])
    expect(definition).toMatchObject({ baseUrls: { main: 'https://coop.example/api' }, auth: { scheme: 'basic' } })
  })
})

describe('a provider that cannot be begun', () => {
  it('is refused where one is there already, and nothing is written', async () => {
    await scaffold('pigeon', 'chat/pigeon.yaml', ROW)

    await expect(scaffold('pigeon', 'chat/pigeon.yaml', ROW)).rejects.toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })
  })

  it.each([
    ['Pigeon', 'chat/p.yaml', ROW, 'IF_ERR_INVALID_INPUT', /cannot be the id/],
    ['pigeon', 'p.yaml', ROW, 'IF_ERR_USAGE', /--category is needed/],
    ['pigeon', 'chat/p.yaml', 'a: [', 'IF_ERR_INVALID_INPUT', /p\.yaml: /],
    ['pigeon', 'chat/p.yaml', 'a: 1', 'IF_ERR_INVALID_INPUT', /neither a catalogue row nor/],
    ['pigeon', 'chat/p.yaml', ROW.replaceAll('effect: read', 'effect: peek'), 'IF_ERR_INVALID_INPUT', /effect/],
    ['pigeon', 'chat/p.yaml', ROW.replaceAll(/method: \w+/g, 'method: WS'), 'IF_ERR_INVALID_INPUT', /no operation/],
  ])('says what is wrong with %s from %s', async (id, file, text, code, message) => {
    await expect(scaffold(id, file, text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('is refused outside of the repository, and without a file', async () => {
    const options = { id: 'pigeon', from: 'nowhere.yaml', category: 'chat', templates: '', today: '2026-11-25' }

    await expect(newProvider({ ...options, root: tmpdir() })).rejects.toThrow(/has no src\/providers/)
    await expect(newProvider({ ...options, root })).rejects.toThrow(/nowhere\.yaml cannot be read/)
  })
})
