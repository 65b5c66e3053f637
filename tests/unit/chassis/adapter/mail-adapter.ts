// A described adapter, as a module would tell of itself, with a guest in this process: for tests of what the host makes of
// descriptions and answers. What a guest is and does is tested where guests run.
import type { AdapterGuest } from '../../../../src/chassis/adapter/definition-of.ts'
import {
  type AdapterDescription,
  descriptionSchema,
  type ExamplePlans,
  plannedSchema,
} from '../../../../src/chassis/module/description.ts'

export const DESCRIPTION = {
  kind: 'adapter',
  id: 'acme-mail',
  name: 'Acme Mail',
  version: '1.0.0',
  category: 'chat',
  docs: 'https://docs.acme.example/mail',
  baseUrls: { main: 'https://api.acme.example' },
  secrets: { ACME_TOKEN: { label: 'API token', get: 'https://acme.example/tokens', pattern: '^acme_[a-z0-9]{8,40}$' } },
  auth: { scheme: 'bearer', secret: 'ACME_TOKEN' },
  faults: [{ field: { path: 'error.code', equals: 'slow_down' }, code: 'IF_ERR_RATE_LIMIT_EXCEEDED' }],
  health: { operation: 'inbox.count', input: {} },
  operations: {
    'message.send': {
      summary: 'Sends a mail.',
      effect: 'send',
      undo: { operation: 'message.recall' },
      examples: [
        {
          input: { to: 'ana@example.com', text: 'Hello' },
          response: { id: 'm1', to: 'ana@example.com', sent: '2026-01-02T03:04:05Z' },
        },
      ],
    },
    'inbox.count': {
      summary: 'Counts mails.',
      effect: 'read',
      input: {
        type: 'object',
        properties: { unread: { type: 'boolean', default: false } },
        additionalProperties: false,
      },
      output: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
      examples: [{ input: {}, response: { count: 3 } }],
    },
    'message.recall': {
      summary: 'Takes a mail back while it has not been read.',
      effect: 'delete',
      input: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      output: { type: 'object', properties: {} },
      examples: [{ input: { id: 'm1' }, response: {} }],
    },
  },
} as const

export const describedAs = (change: Record<string, unknown> = {}): AdapterDescription =>
  descriptionSchema.parse({ ...structuredClone(DESCRIPTION), ...change }) as AdapterDescription // of kind adapter

export const plan = (operation: string, input: Record<string, unknown>) => {
  if (operation === 'message.send') return { request: { method: 'POST', path: '/v1/mails', json: input } }
  if (operation === 'inbox.count') return { request: { method: 'GET', path: '/v1/inbox', query: input } }
  return { request: { method: 'DELETE', path: '/v1/mails/{id}', params: { id: input.id } } }
}

export const EXAMPLES: ExamplePlans = Object.fromEntries(
  Object.entries(DESCRIPTION.operations).map(([name, { examples }]) => [
    name,
    examples.map(({ input }) => plannedSchema.parse(plan(name, input))),
  ]),
)

/** Answers as the module would; `asked` holds the questions. */
export function guest(change: Partial<AdapterGuest> = {}): AdapterGuest & { asked: unknown[] } {
  const asked: unknown[] = []
  return {
    asked,
    plan: async (question) => {
      asked.push(question)
      return plannedSchema.parse(plan(question.operation, question.input))
    },
    undo: async ({ undo }) => ({ operation: 'message.recall', input: { id: String(undo.result.id) } }),
    apply: async ({ response: { body } }) => {
      const { id, to, sent } = body as { id: string; to: string; sent: string }
      return { id, to, sentAt: sent }
    },
    health: async (result) => `${result.count} mails`,
    ...change,
  }
}
