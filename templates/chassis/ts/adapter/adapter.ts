// Example Mail: an adapter for a mail provider at https://api.example.com. Put your provider's address, credential and
// operations in the place of these.
import type {
  AdapterDescription,
  ApplyQuestion,
  Json,
  JsonObject,
  Planned,
  PlanQuestion,
  Undone,
} from 'infrafabric:host'

/** Asked once, when the module is built: facts, from which its manifest is made and signed. */
export function describe(): AdapterDescription {
  return {
    kind: 'adapter',
    id: 'example-mail',
    name: 'Example Mail',
    version: '1.0.0',
    category: 'chat',
    docs: 'https://example.com/docs',
    baseUrls: { main: 'https://api.example.com' },
    secrets: {
      EXAMPLE_MAIL_TOKEN: { label: 'API token', get: 'https://example.com/account/tokens' },
    },
    auth: { scheme: 'bearer', secret: 'EXAMPLE_MAIL_TOKEN' },
    faults: [{ field: { path: 'error.type', equals: 'unknown_recipient' }, code: 'IF_ERR_NOT_FOUND' }],
    health: { operation: 'message.list', input: { to: 'inbox', limit: 1 } },
    operations: {
      'message.send': {
        summary: 'Send a mail.',
        effect: 'send',
        undo: { none: 'A mail that was sent cannot be called back.' },
        examples: [
          {
            input: { to: 'ada@example.com', text: 'hello' },
            response: { id: 'm1', recipient: 'ada@example.com', sent_at: '2026-01-01T00:00:00Z' },
          },
        ],
      },
      'message.list': {
        summary: 'Read the latest mails of a folder.',
        effect: 'read',
        examples: [
          {
            input: { to: 'inbox', limit: 2 },
            response: {
              messages: [{ id: 'm2', body: 'hi', sender: 'bob@example.com', sent_at: '2026-01-01T00:00:00Z' }],
            },
          },
        ],
      },
    },
  }
}

/** The request of an operation, without its credential. The same question always gives the same answer. */
export function plan({ operation, input, undo }: PlanQuestion): Planned | Undone {
  if (undo) return { undo: null }
  switch (operation) {
    case 'message.send':
      return {
        request: { method: 'POST', path: '/v1/messages', json: { to: textOf(input.to), body: textOf(input.text) } },
        cost: { estimateUsd: '0.0004', maxUsd: '0.0004', basis: 'USD 0.40 per 1,000 mails, prices of 2026-01-01' },
      }
    case 'message.list':
      return {
        request: {
          method: 'GET',
          path: '/v1/folders/{folder}/messages',
          params: { folder: textOf(input.to) },
          query: { limit: Number(input.limit ?? 100) },
        },
      }
    default:
      throw new Error(`there is no operation ${operation}`)
  }
}

/** The result of an operation, from what the provider answered. Faults are told from it before it comes here. */
export function apply({ operation, response }: ApplyQuestion): { result: JsonObject } {
  const body = objectOf(response.body)
  switch (operation) {
    case 'message.send':
      return { result: { id: textOf(body.id), to: textOf(body.recipient), sentAt: textOf(body.sent_at) } }
    case 'message.list':
      return { result: { messages: listOf(body.messages).map(objectOf).map(messageOf) } }
    default:
      throw new Error(`there is no operation ${operation}`)
  }
}

/** What a test of the credential tells, from the result of the health read. */
export function health({ result }: { result: JsonObject }): { tell: string } {
  return { tell: `the inbox can be read (${listOf(result.messages).length} mails asked for)` }
}

const messageOf = (mail: JsonObject): JsonObject => ({
  id: textOf(mail.id),
  text: textOf(mail.body),
  from: mail.sender === undefined ? null : textOf(mail.sender),
  sentAt: textOf(mail.sent_at),
})

const textOf = (value: Json | undefined): string => {
  if (typeof value === 'string') return value
  throw new Error(`expected a text, got ${JSON.stringify(value)}`)
}

const listOf = (value: Json | undefined): Json[] => {
  if (Array.isArray(value)) return value
  throw new Error(`expected a list, got ${JSON.stringify(value)}`)
}

const objectOf = (value: Json | undefined): JsonObject => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Error(`expected an object, got ${JSON.stringify(value)}`)
}
