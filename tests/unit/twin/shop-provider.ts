// A small provider for tests of the twins: JSON, form and path parameters, idempotency keys, a list, a websocket.
import { z } from 'zod'
import {
  command,
  defineProvider,
  get,
  native,
  type ProviderDefinition,
  post,
  type TwinAnswer,
  type TwinFault,
} from '../../../src/adapter/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'

const open = z.looseObject({})
const labels = { cost: 'free', undo: { none: 'a test' }, input: open, output: open } as const
const asIs = (body: unknown) => body as JsonObject

const STATUS = { unauthorized: 401, 'not-found': 404, invalid: 400, 'rate-limited': 429, unavailable: 503 }

const fault = (kind: TwinFault, message: string): TwinAnswer => ({
  status: STATUS[kind],
  body: { error: { kind, message } },
})

export const shop: ProviderDefinition = defineProvider({
  id: 'shop',
  name: 'Shop',
  category: 'payment',
  version: '1.0.0',
  docs: 'https://shop.example/docs',
  sources: [],
  checkedAt: '2026-01-01',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://api.shop.example/v1', live: 'https://{region}.shop.example' },
  secrets: {
    SHOP_KEY: { label: 'key', get: 'nowhere', testPrefix: 'shop_test_', pattern: /^shop_(test|live)_[a-z0-9]+$/ },
  },
  auth: {
    scheme: 'bearer',
    slots: [{ in: 'header', name: 'Authorization', parts: ['Bearer ', { secret: 'SHOP_KEY' }] }],
  },
  limits: { rps: 10, burst: 20, backoffSeconds: [1] },
  idempotency: { header: 'Idempotency-Key', windowHours: 24, methods: ['POST'] },
  errors: ({ status, text }) =>
    status >= 400 || text.includes('"declined":true') ? { code: 'IF_ERR_ACTION_FAILED', message: text } : undefined,
  health: { operation: 'order.list', input: {}, tell: () => 'shop' },
  operations: {},
  native: {
    'order.create': native({
      ...labels,
      summary: 'Order.',
      effect: 'charge',
      request: (input) => post('/orders', { json: input }),
      result: asIs,
      examples: [{ input: { item: 'tea' }, response: {} }],
    }),
    'order.pay': native({
      ...labels,
      summary: 'Pay.',
      effect: 'charge',
      request: (input) => post('/orders/{id}/pay', { path: { id: String(input.id) }, form: { amount: 1 } }),
      result: asIs,
      examples: [{ input: { id: 'a' }, response: {} }],
    }),
    'order.get': native({
      ...labels,
      summary: 'Read.',
      effect: 'read',
      request: (input) => get('/orders/{id}', { path: { id: String(input.id) } }),
      result: asIs,
      examples: [{ input: { id: 'a' }, response: {} }],
    }),
    'order.list': native({
      ...labels,
      summary: 'List.',
      effect: 'read',
      request: () => get('/orders'),
      result: asIs,
      examples: [{ input: {}, response: {} }],
    }),
    'order.latest': native({
      ...labels,
      summary: 'The latest.',
      effect: 'read',
      request: () => get('/orders/latest', { base: 'live' }),
      result: asIs,
      examples: [{ input: {}, response: {} }],
    }),
    'order.watch': native({
      ...labels,
      summary: 'Follow.',
      effect: 'read',
      request: () => command('/socket', { type: 'watch' }),
      result: asIs,
      examples: [{ input: {}, response: {} }],
    }),
  },
  twin: {
    fault,
    required: { 'shop:order.create': ['item'], 'shop:order.pay': ['amount', 'card.number'] },
    seed: (state) => {
      state('orders').set('seeded', { id: 'seeded', item: 'milk' })
    },
    operations: {
      'order.create': ({ body, state, nextId }) => {
        if (body.item === 'nothing') return { status: 402, body: { error: { kind: 'sold out' } } }
        if (body.item === 'declined') return { body: { declined: true } }
        if (body.item === 'bug') throw new Error('the handler has a bug')
        if (body.item === 'vandal') (state('orders').get('seeded') as JsonObject).item = 'changed in place'
        const order = { id: nextId('ord_'), ...body }
        state('orders').set(order.id, order)
        return { status: 201, headers: { 'X-Request-Id': 'req_1' }, body: order }
      },
      'shop:order.pay': ({ body, path, state }) => {
        const order = state('orders').get(path.id ?? '')
        if (!order) return fault('not-found', `no order ${path.id}`)
        state('orders').set(String(order.id), { ...order, paid: body })
        return { body: { paid: true } }
      },
      'order.get': ({ path, state }) => {
        const order = state('orders').get(path.id ?? '')
        return order ? { body: order } : fault('not-found', `no order ${path.id}`)
      },
      'order.list': ({ query, state }) => ({ body: { query, orders: [...state('orders').values()] } }),
      'order.latest': ({ now }) => ({ body: { latest: true, now } }),
    },
    routes: {
      'POST /v1/echo': ({ body }) => ({ body }),
      'DELETE /v1/orders/{id}': ({ path, state }) => {
        state('orders').delete(path.id ?? '')
        return { status: 204, body: null }
      },
      'GET /v1/text': () => ({ body: 'plain text' }),
    },
    socket: {
      path: '/socket',
      open: (socket) => socket.send({ type: 'hello', now: socket.now }),
      message: (socket, message) => {
        if (message.type === 'auth') {
          socket.session.open = socket.accepts(String(message.key))
          socket.send({ type: socket.session.open ? 'welcome' : 'refused' })
          if (!socket.session.open) socket.close()
        } else if (message.type === 'order') {
          const id = socket.nextId('ord_')
          socket.state('orders').set(id, { id, item: String(message.item) })
          socket.send({ type: 'done', id })
        } else if (message.type === 'bug') throw new Error('the socket handler has a bug')
      },
      changed: (socket, { id, before, after }) => {
        if (socket.session.open) socket.send({ type: 'changed', id, before: before ?? null, after })
      },
    },
  },
})
