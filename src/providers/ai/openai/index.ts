// OpenAI: chat completions, responses, embeddings, files and batches. Requests ask for the standard tier by name, so that
// the settings of a project never change what a call costs.
import {
  bearer,
  boundedTokenCost,
  type CompletionInput,
  chatEvents,
  chatRequest,
  chatResult,
  defineProvider,
  get,
  hasImages,
  type InputOf,
  knownExtras,
  post,
  readAs,
  secret,
  tokenCost,
  z,
} from '../../../adapter/index.ts'
import { openaiFault, openaiRate, streamFault } from './errors.ts'
import * as sample from './examples.ts'
import { natives } from './native.ts'
import { PRICES } from './prices.ts'
import { twin } from './twin.ts'
import { webhooks } from './webhooks.ts'

// What changes the price (service_tier, n, prediction), the kind of the answer (modalities, logprobs) or reaches outside
// (web_search_options) is left out.
const CHAT_EXTRAS = [
  'frequency_penalty',
  'logit_bias',
  'metadata',
  'parallel_tool_calls',
  'presence_penalty',
  'prompt_cache_key',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'stop',
  'store',
  'tool_choice',
  'top_p',
  'user',
  'verbosity',
]

const completionBody = (input: CompletionInput): Record<string, unknown> => ({
  ...knownExtras(input.native, CHAT_EXTRAS),
  ...chatRequest(input),
  service_tier: 'default',
})

const embeddingBody = ({ model, input, dimensions, native }: InputOf<'embedding.create'>): Record<string, unknown> => ({
  ...knownExtras(native, ['user']),
  model,
  input,
  dimensions,
  // The vendor's default; its own client asks for base64.
  encoding_format: 'float',
})

const embeddings = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.int() }),
})

const models = z.object({ data: z.array(z.object({ id: z.string() })) })

const MUTE = {
  name: 'mute',
  description: 'Mutes an input of the desk.',
  parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
}

const definition = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  category: 'ai',
  version: '1.0.0',
  docs: 'https://platform.openai.com/docs/api-reference',
  sources: [
    'https://github.com/openai/openai-openapi (openapi.json 2.3.0, f85dbe22)',
    'npm openai 6.49.0',
    'npm @pydantic/genai-prices 0.1.8',
    'https://developers.openai.com/api/docs/guides/error-codes',
  ],
  notes: [
    'Without maxTokens nothing bounds what a model writes: the cost is unknown beforehand, and a hard budget asks.',
    'Reasoning tokens count as written: a reasoning model with small maxTokens may end with finishReason length and no text.',
    'Reasoning models refuse a temperature other than 1.',
    'A tool call whose arguments are no JSON object is left out; finishReason is then other, or length where it was cut off.',
    'There are no idempotency keys: a call whose answer was lost may have been charged, and is not repeated by itself.',
    'A stream that breaks off before its usage came is settled at the maximum that was reckoned.',
    'Requests ask for the standard service tier; flex and priority have other prices and are not offered.',
    'Hosted tools such as web search are not offered: they act by themselves and cost extra.',
    'A response is stored at OpenAI unless store is false.',
    'A response that comes whole may have failed: its status and reason say so. Among events the same is an error.',
    'A batch costs what its requests make of it: OpenAI counts it when it has ended, and no plan bounds it.',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://api.openai.com/v1' },
  secrets: {
    OPENAI_API_KEY: {
      label: 'API key (sk-…)',
      get: 'https://platform.openai.com → API keys',
      pattern: /^sk-[A-Za-z0-9_-]{16,}$/,
      testPrefix: 'sk-test-',
    },
    OPENAI_WEBHOOK_SECRET: {
      label: 'signing secret of the webhook endpoint (whsec_…)',
      get: 'https://developers.openai.com/api/docs/guides/webhooks',
      pattern: /^[\x21-\x7e]{8,}$/,
      testPrefix: 'whsec_',
      required: false,
    },
  },
  auth: bearer(secret('OPENAI_API_KEY')),
  // Requests and tokens a minute depend on model and usage tier; answers tell them, and no rate a second is published.
  limits: { rps: 8, burst: 16, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: openaiFault,
  rate: openaiRate,
  requestId: (response) => response.headers['x-request-id'],
  health: {
    operation: 'model.list',
    input: {},
    tell: (result) => `${z.object({ models: z.array(z.unknown()) }).parse(result).models.length} models`,
  },
  webhooks,
  operations: {
    'completion.create': {
      summary: 'Have a model answer.',
      effect: 'send',
      // It reads nothing of the account; the prompt goes out, and what a model writes is nobody's word.
      labels: { reads: 'public', returns: 'untrusted', sends: 'external' },
      scope: 'Chat completions write',
      request: (input) =>
        post('/chat/completions', {
          json: completionBody(input),
          ...(input.stream ? { stream: 'sse' as const } : {}),
        }),
      result: chatResult,
      events: () => chatEvents(streamFault),
      cost: (input) =>
        boundedTokenCost(PRICES, {
          model: input.model,
          body: completionBody(input),
          maxOutputTokens: input.maxTokens,
          opaque: hasImages(input),
        }),
      // The usage comes with the last event of a stream.
      actual: ({ input, result }) =>
        result.finishReason === 'aborted' ? undefined : tokenCost(PRICES, input.model, result.usage),
      undo: { none: 'What a model was told and has answered cannot be taken back, nor its cost.' },
      examples: [
        {
          input: {
            model: 'gpt-5-mini',
            messages: [
              { role: 'system', content: 'You run a radio studio. Answer in one sentence.' },
              { role: 'user', content: 'Are we on air?' },
            ],
            maxTokens: 300,
            temperature: 1,
            stream: false,
            native: { reasoning_effort: 'minimal' },
          },
          response: sample.chat({ content: 'Yes, since nine o’clock.' }),
        },
        {
          input: {
            model: 'gpt-5-mini',
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
                content: '',
                toolCalls: [{ id: 'call_1', name: 'mute', arguments: { input: 'guest-1' } }],
              },
              { role: 'tool', toolCallId: 'call_1', content: 'done' },
              {
                role: 'user',
                content: [{ type: 'image', base64: 'iVBORw0KGgo=', contentType: 'image/png' }],
              },
            ],
            tools: [MUTE],
            maxTokens: 500,
            stream: false,
          },
          response: sample.chat(
            { tool_calls: [sample.functionCall('call_2', 'mute', { input: 'guest-2' })] },
            { usage: sample.chatUsage(2120, 24, 1920) },
            'tool_calls',
          ),
        },
        {
          input: {
            model: 'gpt-5-mini',
            messages: [{ role: 'user', content: 'Mute the guest.' }],
            tools: [MUTE],
            maxTokens: 200,
            stream: true,
          },
          response: null,
          events: [
            sample.dataEvent(sample.chunk({ role: 'assistant', content: '', refusal: null })),
            sample.dataEvent(sample.chunk({ content: 'One moment.' })),
            sample.dataEvent(
              sample.chunk({
                tool_calls: [{ index: 0, id: 'call_3', type: 'function', function: { name: 'mute', arguments: '' } }],
              }),
            ),
            sample.dataEvent(sample.chunk({ tool_calls: [{ index: 0, function: { arguments: '{"input":' } }] })),
            sample.dataEvent(sample.chunk({ tool_calls: [{ index: 0, function: { arguments: '"guest"}' } }] })),
            sample.dataEvent(sample.chunk({}, 'tool_calls')),
            sample.dataEvent(sample.chunk({}, null, { choices: [], usage: sample.chatUsage(58, 21) })),
            { event: '', data: '[DONE]' },
          ],
        },
      ],
    },
    'embedding.create': {
      summary: 'Turn texts into vectors.',
      effect: 'send',
      labels: { reads: 'public', returns: 'trusted', sends: 'external' },
      scope: 'Embeddings write',
      request: (input) => post('/embeddings', { json: embeddingBody(input) }),
      result: (body) => {
        const { data, usage } = readAs(embeddings, body)
        const inOrder = [...data].sort((one, other) => one.index - other.index)
        return { embeddings: inOrder.map(({ embedding }) => embedding), usage: { inputTokens: usage.prompt_tokens } }
      },
      cost: (input) => boundedTokenCost(PRICES, { model: input.model, body: embeddingBody(input), maxOutputTokens: 0 }),
      actual: ({ input, result }) => tokenCost(PRICES, input.model, { ...result.usage, outputTokens: 0 }),
      undo: { none: 'A text that OpenAI has read cannot be taken back, nor its cost.' },
      examples: [
        {
          input: { model: 'text-embedding-3-small', input: ['Good evening.', 'Guten Abend.'], dimensions: 4 },
          response: {
            object: 'list',
            model: 'text-embedding-3-small',
            data: [
              { object: 'embedding', index: 1, embedding: [0.41, -0.2, 0.13, 0.88] },
              { object: 'embedding', index: 0, embedding: [0.4, -0.21, 0.14, 0.87] },
            ],
            usage: { prompt_tokens: 7, total_tokens: 7 },
          },
        },
      ],
    },
    'model.list': {
      summary: 'List the models that the key may use.',
      effect: 'read',
      labels: { reads: 'public', returns: 'trusted', sends: 'none' },
      scope: 'Models read',
      request: () => get('/models'),
      // The list comes whole.
      result: (body, { input: { limit } }) => ({
        models: readAs(models, body)
          .data.slice(0, limit)
          .map(({ id }) => ({ id, name: null })),
      }),
      cost: 'free',
      examples: [
        {
          input: { limit: 100 },
          response: { object: 'list', data: [sample.model('gpt-5-mini'), sample.model('text-embedding-3-small')] },
        },
      ],
    },
  },
  native: natives,
  twin,
})

export default definition
