// Anthropic: messages of Claude, batches and files. The API version is pinned to the one of October 2026, so that what an
// answer means never depends on an account.
import {
  bearer,
  boundedTokenCost,
  type CompletionInput,
  type Cost,
  defineProvider,
  get,
  hasImages,
  post,
  readAs,
  secret,
  tokenCost,
  z,
} from '../../../adapter/index.ts'
import { messageEvents, toCompletion } from './answers.ts'
import { completionBody } from './body.ts'
import { anthropicFault, anthropicRate } from './errors.ts'
import * as sample from './examples.ts'
import { DEFAULT_MAX_TOKENS } from './messages.ts'
import { natives } from './native.ts'
import { PRICES } from './prices.ts'
import { twin } from './twin.ts'
import { webhooks } from './webhooks.ts'

function reckoned(input: CompletionInput): Cost {
  const cost = boundedTokenCost(PRICES, {
    model: input.model,
    body: completionBody(input),
    maxOutputTokens: input.maxTokens ?? DEFAULT_MAX_TOKENS,
    opaque: hasImages(input),
  })
  if (cost.kind !== 'priced' || input.maxTokens !== undefined) return cost
  return { ...cost, basis: `${cost.basis}; maxTokens was not given, so ${DEFAULT_MAX_TOKENS} are asked for` }
}

const models = z.object({
  data: z.array(z.object({ id: z.string(), display_name: z.string().nullish() })),
  has_more: z.boolean().default(false),
  last_id: z.string().nullish(),
})

const MUTE = {
  name: 'mute',
  description: 'Mutes an input of the desk.',
  parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
}

const definition = defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  category: 'ai',
  version: '1.0.0',
  docs: 'https://platform.claude.com/docs/en/api',
  sources: [
    'npm @anthropic-ai/sdk 1.14.0',
    'https://platform.claude.com/docs/en/api/versioning',
    'https://platform.claude.com/docs/fr/api/migration-2026-10-21.md',
    'https://github.com/tryAGI/Anthropic (openapi.yaml, 8b42a21e, API version 2023-06-01)',
    'npm @pydantic/genai-prices 0.1.8',
  ],
  notes: [
    'The API version 2026-10-21 refuses temperature, top_p and top_k, even their default values.',
    `Anthropic has no default for the most that is written: without maxTokens ${DEFAULT_MAX_TOKENS} are asked for.`,
    'Thinking counts as written and is not handed out; with small maxTokens an answer may be thinking alone.',
    'System messages at the head become the instructions; later ones stay where they are, which not every model takes.',
    'There are no idempotency keys: a call whose answer was lost may have been charged, and is not repeated by itself.',
    'A workspace whose default is inference in the US, or fast mode, pays other prices than are reckoned here.',
    'Where the organisation has priority capacity, service_tier auto uses it, which is paid for otherwise; standard_only does not.',
    'A conversation that ends with words of the assistant is gone on from there, or refused by models without prefill.',
  ],
  checkedAt: '2026-11-25',
  // The description at hand is of the API version before; what both have was checked against it, the rest by the client.
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://api.anthropic.com' },
  secrets: {
    ANTHROPIC_API_KEY: {
      label: 'API key (sk-ant-…)',
      get: 'https://console.anthropic.com/settings/keys',
      pattern: /^sk-ant-[A-Za-z0-9_-]{16,}$/,
      testPrefix: 'sk-ant-test-',
    },
    ANTHROPIC_WEBHOOK_SIGNING_KEY: {
      label: 'signing key of the webhook endpoint (whsec_…)',
      get: 'shown once, where the webhook endpoint is made in the Claude Console',
      pattern: /^[\x21-\x7e]{8,}$/,
      testPrefix: 'whsec_',
      required: false,
    },
  },
  auth: bearer(secret('ANTHROPIC_API_KEY')),
  headers: { 'anthropic-version': '2026-10-21' },
  // Requests and tokens a minute depend on model and usage tier; answers tell them, and no rate a second is published.
  limits: { rps: 4, burst: 8, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: anthropicFault,
  rate: anthropicRate,
  requestId: (response) => response.headers['request-id'],
  health: {
    operation: 'model.list',
    input: {},
    tell: (result) => `${z.object({ models: z.array(z.unknown()) }).parse(result).models.length} models`,
  },
  webhooks,
  operations: {
    'completion.create': {
      summary: 'Have Claude answer.',
      effect: 'send',
      // It reads nothing of the account; the prompt goes out, and what a model writes is nobody's word.
      labels: { reads: 'public', returns: 'untrusted', sends: 'external' },
      scope: 'workspace of the key',
      without: ['temperature'],
      request: (input) =>
        post('/v1/messages', { json: completionBody(input), ...(input.stream ? { stream: 'sse' as const } : {}) }),
      result: toCompletion,
      events: messageEvents,
      cost: reckoned,
      // What an aborted stream has written is not told: it may be all that was allowed.
      actual: ({ input, result: { finishReason, usage } }) =>
        tokenCost(PRICES, input.model, {
          ...usage,
          outputTokens: finishReason === 'aborted' ? (input.maxTokens ?? DEFAULT_MAX_TOKENS) : usage.outputTokens,
        }),
      undo: { none: 'What a model was told and has answered cannot be taken back, nor its cost.' },
      examples: [
        {
          input: {
            model: 'claude-sonnet-5',
            messages: [
              { role: 'system', content: 'You run a radio studio. Answer in one sentence.' },
              { role: 'user', content: 'Are we on air?' },
            ],
            maxTokens: 300,
            stream: false,
            native: { thinking: { type: 'disabled' } },
          },
          response: sample.message([sample.textBlock('Yes, since nine o’clock.')]),
        },
        {
          input: {
            model: 'claude-sonnet-5',
            messages: [
              {
                role: 'user',
                content: [
                  { type: 'text', text: 'Mute whoever is asleep.' },
                  { type: 'image', url: 'https://studio.example/cam1.png' },
                ],
              },
              {
                role: 'assistant',
                content: 'One moment.',
                toolCalls: [
                  { id: 'toolu_01A', name: 'mute', arguments: { input: 'guest-1' } },
                  { id: 'toolu_01B', name: 'mute', arguments: { input: 'guest-2' } },
                ],
              },
              { role: 'tool', toolCallId: 'toolu_01A', content: 'done' },
              { role: 'tool', toolCallId: 'toolu_01B', content: 'done' },
              { role: 'user', content: [{ type: 'image', base64: 'iVBORw0KGgo=', contentType: 'image/png' }] },
            ],
            tools: [MUTE],
            stream: false,
          },
          response: sample.message([sample.toolUse('toolu_01C', 'mute', { input: 'guest-3' })], {
            stop_reason: 'tool_use',
            usage: sample.usage(200, 40, { cache_read_input_tokens: 1800, cache_creation_input_tokens: 120 }),
          }),
        },
        {
          input: {
            model: 'claude-sonnet-5',
            messages: [{ role: 'user', content: 'Mute the guest.' }],
            tools: [MUTE],
            maxTokens: 200,
            stream: true,
          },
          response: null,
          events: [
            sample.event({
              type: 'message_start',
              message: sample.message([], { stop_reason: null, usage: sample.usage(380, 1) }),
            }),
            sample.event({ type: 'content_block_start', index: 0, content_block: sample.textBlock('') }),
            sample.event({ type: 'ping' }),
            sample.event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'One moment.' } }),
            sample.event({ type: 'content_block_stop', index: 0 }),
            sample.event({
              type: 'content_block_start',
              index: 1,
              content_block: sample.toolUse('toolu_01D', 'mute', {}),
            }),
            sample.event({
              type: 'content_block_delta',
              index: 1,
              delta: { type: 'input_json_delta', partial_json: '{"input":' },
            }),
            sample.event({
              type: 'content_block_delta',
              index: 1,
              delta: { type: 'input_json_delta', partial_json: '"guest"}' },
            }),
            sample.event({ type: 'content_block_stop', index: 1 }),
            sample.event({
              type: 'message_delta',
              delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
              usage: sample.deltaUsage(380, 62),
            }),
            sample.event({ type: 'message_stop' }),
          ],
        },
      ],
    },
    'model.list': {
      summary: 'List the models that the key may use.',
      effect: 'read',
      labels: { reads: 'public', returns: 'trusted', sends: 'none' },
      request: ({ limit }) => get('/v1/models', { query: { limit: Math.min(limit, 1000) } }),
      result: (body) => ({
        models: readAs(models, body).data.map(({ id, display_name }) => ({ id, name: display_name ?? null })),
      }),
      cost: 'free',
      pages: {
        field: 'models',
        next: (body) => {
          const { has_more, last_id } = readAs(models, body)
          return has_more && last_id ? { query: { after_id: last_id } } : undefined
        },
      },
      examples: [
        {
          input: { limit: 100 },
          response: {
            data: [sample.model('claude-sonnet-5', 'Claude Sonnet 5')],
            first_id: 'claude-sonnet-5',
            has_more: false,
            last_id: 'claude-sonnet-5',
          },
        },
      ],
    },
  },
  native: natives,
  twin,
})

export default definition
