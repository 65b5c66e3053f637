// A provider for tests of what twins of unusual vendors do: credentials in the path and the body, tokens, one path for many
// operations, keys in the body, operations of several requests, bytes, streams.
import { z } from 'zod'
import {
  accessToken,
  defineProvider,
  get,
  head,
  inBody,
  inPath,
  keyInBody,
  native,
  noAuth,
  type ProviderDefinition,
  post,
  put,
  query,
  secret,
  secretInBody,
  type TwinAnswer,
} from '../../../src/adapter/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'

const open = z.looseObject({})
const labels = { cost: 'free', undo: { none: 'a test' }, input: open, output: open, summary: 'A test.' } as const
const result = (body: unknown) => body as JsonObject
const example = (input: JsonObject) => ({ input, response: {} })

const answered =
  (what: string) =>
  ({ path, value }: { path: Record<string, string>; value: unknown }): TwinAnswer => ({
    body: { what, path, value: JSON.parse(JSON.stringify(value)) },
  })

export const depot: ProviderDefinition = defineProvider({
  id: 'depot',
  name: 'Depot',
  category: 'cloud',
  version: '1.0.0',
  docs: 'https://depot.example/docs',
  sources: [],
  checkedAt: '2026-01-01',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://api.depot.example', data: 'https://{cell}.depot.example/data' },
  hostParts: { cell: /^c\d+$/ },
  secrets: {
    BOT: { label: 'bot', get: '', testPrefix: '12:' },
    LOGIN: { label: 'login', get: '' },
    PASSWORD: { label: 'password', get: '' },
  },
  auth: inPath('token', secret('BOT')),
  auths: {
    body: inBody(),
    none: noAuth(),
    key: query('key', secret('LOGIN')),
    token: accessToken('oauth2', {
      name: 'main',
      request: (grant) => {
        if (grant === 'first')
          return post('/token', { form: { user: 'me', password: secretInBody(secret('PASSWORD')) } })
        return undefined
      },
    }),
  },
  limits: { rps: 10, burst: 20, backoffSeconds: [1] },
  idempotency: { windowHours: 1 },
  errors: ({ status, text }) => (status >= 400 ? { code: 'IF_ERR_ACTION_FAILED', message: text } : undefined),
  health: { operation: 'depot:note.send', input: {}, tell: () => 'depot' },
  operations: {},
  native: {
    'note.send': native({
      ...labels,
      effect: 'send',
      result,
      request: (input) => post('/bot{token}/note', { json: { text: String(input.text), nonce: keyInBody() } }),
      examples: [example({ text: 'hello' })],
    }),
    'bill.pay': native({
      ...labels,
      effect: 'charge',
      result,
      request: (input) =>
        post('/request.api', {
          auth: 'body',
          json: {
            createTransaction: {
              login: { name: secretInBody(secret('LOGIN')) },
              kind: 'authCapture',
              amount: String(input.amount),
            },
          },
        }),
      examples: [example({ amount: '10.00' })],
    }),
    'bill.refund': native({
      ...labels,
      effect: 'charge',
      result,
      request: (input) =>
        post('/request.api', {
          auth: 'body',
          json: {
            createTransaction: {
              login: { name: secretInBody(secret('LOGIN')) },
              kind: 'refund',
              amount: String(input.amount),
              of: String(input.of),
            },
          },
        }),
      examples: [example({ amount: '10.00', of: 't1' })],
    }),
    'bill.get': native({
      ...labels,
      effect: 'read',
      result,
      request: (input) =>
        post('/request.api', {
          auth: 'body',
          json: { getTransaction: { login: { name: secretInBody(secret('LOGIN')) }, id: String(input.id) } },
        }),
      examples: [example({ id: 't1' })],
    }),
    'call.hangup': native({
      ...labels,
      effect: 'update',
      result,
      request: (input) =>
        post('/Calls/{sid}.json', { auth: 'none', path: { sid: String(input.sid) }, form: { Status: 'completed' } }),
      examples: [example({ sid: 'CA1' })],
    }),
    'call.redirect': native({
      ...labels,
      effect: 'update',
      result,
      request: (input) =>
        post('/Calls/{sid}.json', { auth: 'none', path: { sid: String(input.sid) }, form: { Url: String(input.url) } }),
      examples: [example({ sid: 'CA1', url: 'https://x.example' })],
    }),
    'blob.put': native({
      ...labels,
      effect: 'create',
      result,
      request: (input) =>
        put('/blobs/{key+}', {
          auth: 'key',
          path: { key: String(input.key) },
          raw: { value: 'x', contentType: 'text/plain' },
        }),
      examples: [example({ key: 'a/b' })],
    }),
    'blob.get': native({
      ...labels,
      effect: 'read',
      result,
      request: (input) => get('/blobs/{key+}', { auth: 'key', path: { key: String(input.key) }, answer: 'bytes' }),
      examples: [example({ key: 'a/b' })],
    }),
    'blob.size': native({
      ...labels,
      effect: 'read',
      result,
      request: (input) => head('/blobs/{key+}', { auth: 'key', path: { key: String(input.key) }, answer: 'empty' }),
      examples: [example({ key: 'a/b' })],
    }),
    'words.stream': native({
      ...labels,
      effect: 'read',
      result,
      request: () => post('/words', { auth: 'none', json: { stream: true } }),
      examples: [example({})],
    }),
    'job.run': native({
      ...labels,
      effect: 'create',
      result,
      request: () => post('/jobs', { auth: 'token', json: {} }),
      more: function* () {
        const { body } = yield {
          request: get('/jobs/{id}', { base: 'data', auth: 'token', path: { id: 'j1' }, host: { cell: 'c1' } }),
        }
        return result(body)
      },
      examples: [{ input: {}, response: {}, more: [{ body: {} }] }],
    }),
  },
  twin: {
    fault: (kind, message) => ({ status: kind === 'unauthorized' ? 401 : 400, body: { kind, message } }),
    operations: {
      'note.send': ({ body, nextId }) => ({ body: { id: nextId('n_'), text: String(body.text) } }),
      'bill.pay': answered('pay'),
      'bill.refund': answered('refund'),
      'bill.get': answered('get'),
      'call.hangup': answered('hangup'),
      'call.redirect': answered('redirect'),
      'blob.put': ({ path, bytes, state }) => {
        state('blobs').set(path.key ?? '', { base64: Buffer.from(bytes).toString('base64') })
        return { status: 204, body: null }
      },
      'blob.get': ({ path, state }) => ({
        headers: { 'content-type': 'image/png' },
        bytes: Buffer.from(String(state('blobs').get(path.key ?? '')?.base64), 'base64'),
        body: null,
      }),
      'blob.size': () => ({ headers: { 'content-length': '12345' }, body: null }),
      'words.stream': () => ({ stream: ['data: one\n\n', 'data: two\n\n', 'data: [DONE]\n\n'], body: null }),
      'job.run': () => ({ body: { id: 'j1' } }),
    },
    routes: {
      'POST /token': ({ issue }) => ({ body: { access_token: issue('access', 60) } }),
      'GET /data/jobs/{id}': ({ path, queries }) => ({ body: { id: path.id ?? '', tags: [...(queries.tag ?? [])] } }),
    },
  },
})
