// What OpenAI has beyond the vocabulary: the Responses API, files, batches and moderation.
import {
  boundedTokenCost,
  del,
  get,
  type JsonObject,
  type JsonValue,
  knownExtras,
  type Labels,
  type MultipartPart,
  type NativeOperation,
  native,
  post,
  readAs,
  tokenCost,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { PRICES } from './prices.ts'
import { response, responseEvents, toResponse } from './responses.ts'

const id = z.string().min(1).max(200)
const OWN: Labels = { reads: 'private', returns: 'trusted', sends: 'none' }
const GONE: Labels = { reads: 'public', returns: 'trusted', sends: 'none' }

const RESPONSE_EXTRAS = [
  'include',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'temperature',
  'text',
  'tool_choice',
  'top_p',
  'truncation',
]

const responseInput = z.strictObject({
  model: z.string().min(1).max(200),
  input: z
    .union([z.string().min(1), z.array(z.record(z.string(), z.json())).min(1)])
    .describe('Text, or items by their names.'),
  instructions: z.string().optional().describe('What a system message says.'),
  maxTokens: z.int().min(16).max(1_000_000).optional().describe('Most it may write; bounds what it costs.'),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        description: z.string().max(4000).optional(),
        parameters: z.record(z.string(), z.json()).default({ type: 'object' }),
        strict: z.boolean().default(false),
      }),
    )
    .max(128)
    .optional()
    .describe('Functions of your own that it may ask to be called.'),
  previous: id.optional().describe('Id of the response that this one goes on from.'),
  background: z.boolean().default(false).describe('Answer at once, and work on.'),
  store: z.boolean().default(true).describe('Keep it at OpenAI, to be read and gone on from.'),
  stream: z.boolean().default(false),
  native: z.record(z.string(), z.json()).optional().describe("The vendor's own parameters, by its names."),
})
type ResponseInput = z.output<typeof responseInput>

function responseBody(input: ResponseInput): Record<string, unknown> {
  if (input.background && !input.store) {
    throw unsupported('a response in the background has to be stored', 'Leave store as it is, or background.')
  }
  return {
    ...knownExtras(input.native, RESPONSE_EXTRAS),
    model: input.model,
    input: input.input,
    instructions: input.instructions,
    max_output_tokens: input.maxTokens,
    tools: input.tools?.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      name,
      description,
      parameters,
      strict,
    })),
    previous_response_id: input.previous,
    background: input.background ? true : undefined,
    store: input.store,
    stream: input.stream ? true : undefined,
    service_tier: 'default',
  }
}

/** Text is counted by its bytes; files, images, stored items and what went before are not. */
const isOpaque = ({ input, previous }: ResponseInput): boolean =>
  previous !== undefined || (typeof input !== 'string' && !input.every(({ content }) => typeof content === 'string'))

const file = z
  .strictObject({
    name: z.string().min(1).max(255),
    text: z.string().optional().describe('The content, as UTF-8 text.'),
    base64: z.base64().optional().describe('The content, as bytes in base64.'),
    contentType: z.string().max(255).optional(),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
    error: 'give either text or base64',
  })

const storedFile = z.object({
  id: z.string(),
  name: z.string(),
  purpose: z.string(),
  bytes: z.int(),
  status: z.string(),
})

function toFile(body: JsonValue) {
  const answer = z.object({
    id: z.string(),
    filename: z.string(),
    purpose: z.string(),
    bytes: z.int(),
    status: z.string().default('uploaded'),
  })
  const { id: fileId, filename, purpose, bytes, status } = readAs(answer, body)
  return { id: fileId, name: filename, purpose, bytes, status }
}

const filePart = ({ name, text, base64, contentType }: z.output<typeof file>): MultipartPart => ({
  name: 'file',
  value: base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64'),
  filename: name,
  contentType: contentType ?? 'application/octet-stream',
})

const deleted = z.object({ id: z.string(), deleted: z.boolean() })

const batch = z.object({
  id: z.string(),
  status: z
    .string()
    .describe('validating, failed, in_progress, finalizing, completed, expired, cancelling or cancelled.'),
  outputFile: z.string().nullable(),
  errorFile: z.string().nullable(),
  total: z.int(),
  completed: z.int(),
  failed: z.int(),
})

function toBatch(body: JsonValue): z.output<typeof batch> {
  const answer = z.object({
    id: z.string(),
    status: z.string(),
    output_file_id: z.string().nullish(),
    error_file_id: z.string().nullish(),
    request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }).nullish(),
  })
  const { id: batchId, status, output_file_id, error_file_id, request_counts } = readAs(answer, body)
  return {
    id: batchId,
    status,
    outputFile: output_file_id ?? null,
    errorFile: error_file_id ?? null,
    ...(request_counts ?? { total: 0, completed: 0, failed: 0 }),
  }
}

const ENDPOINTS = [
  '/v1/responses',
  '/v1/chat/completions',
  '/v1/embeddings',
  '/v1/completions',
  '/v1/moderations',
  '/v1/images/generations',
  '/v1/images/edits',
  '/v1/videos',
] as const

const moderations = z.object({
  results: z.array(z.object({ flagged: z.boolean(), categories: z.array(z.string()).describe('Those it finds.') })),
})

function toModerations(body: JsonValue): z.output<typeof moderations> {
  const { results } = readAs(
    z.object({
      results: z.array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()) })),
    }),
    body,
  )
  return {
    results: results.map(({ flagged, categories }) => ({
      flagged,
      categories: Object.entries(categories).flatMap(([name, found]) => (found === true ? [name] : [])),
    })),
  }
}

/** A file as text where it is text. */
function toContent(body: JsonValue) {
  const base64 = readAs(z.string(), body)
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? { text, base64: null } : { text: null, base64 }
}

export const natives: Record<string, NativeOperation> = {
  'response.create': native({
    summary: 'Have a model answer, by the Responses API.',
    effect: 'send',
    labels: { reads: 'private', returns: 'untrusted', sends: 'external' },
    scope: 'Responses write',
    input: responseInput,
    output: response,
    request: (input) =>
      post('/responses', { json: responseBody(input), ...(input.stream ? { stream: 'sse' as const } : {}) }),
    result: toResponse,
    events: responseEvents,
    cost: (input) =>
      boundedTokenCost(PRICES, {
        model: input.model,
        body: responseBody(input),
        maxOutputTokens: input.maxTokens,
        opaque: isOpaque(input),
      }),
    actual: ({ input, result }) => (result.usage === null ? undefined : tokenCost(PRICES, input.model, result.usage)),
    undo: ({ input, result }) =>
      input.store ? { operation: 'openai:response.delete', input: { id: result.id } } : undefined,
    undoLabel: 'openai:response.delete of what is stored; what it cost and what it was told stays',
    verify: ({ input, result }) =>
      input.store && result
        ? {
            operation: 'openai:response.get',
            input: { id: result.id },
            holds: (read) => read.id === result.id,
            consistency: 'eventual',
          }
        : undefined,
    examples: [
      {
        input: {
          model: 'gpt-5-mini',
          input: 'How many microphones are live?',
          maxTokens: 400,
          background: false,
          store: true,
          stream: false,
        },
        response: sample.response({ max_output_tokens: 400 }),
      },
      {
        input: {
          model: 'gpt-5-mini',
          input: [{ role: 'user', content: 'Mute the guest.' }],
          instructions: 'You run the sound desk.',
          tools: [
            {
              name: 'mute',
              description: 'Mutes an input.',
              parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
              strict: false,
            },
          ],
          previous: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
          background: false,
          store: false,
          stream: false,
          native: { tool_choice: 'required' },
        },
        response: sample.response({
          store: false,
          output: [
            {
              type: 'function_call',
              id: 'fc_67ca09c6bedc8190a7abfec07b1a1332096610f474011cc0',
              call_id: 'call_unLAR8MvFNptuiZK6K6HCy5k',
              name: 'mute',
              arguments: '{"input":"guest"}',
              status: 'completed',
            },
          ],
        }),
      },
      {
        input: {
          model: 'gpt-5-mini',
          input: 'Are we on air?',
          maxTokens: 100,
          background: false,
          store: true,
          stream: true,
        },
        response: null,
        events: [
          responseEvent({ type: 'response.created', response: sample.unfinished(sample.response(), 'in_progress') }, 0),
          responseEvent(
            {
              type: 'response.output_text.delta',
              item_id: 'msg_67ccd2bf17f0819081ff3bb2cf6508e6',
              output_index: 0,
              content_index: 0,
              delta: 'Two microphones are live.',
              logprobs: [],
            },
            1,
          ),
          responseEvent({ type: 'response.completed', response: sample.response() }, 2),
        ],
      },
    ],
  }),
  'response.get': native({
    summary: 'Read a stored response.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 'Responses read',
    input: z.strictObject({ id }),
    output: response,
    request: (input) => get('/responses/{response_id}', { path: { response_id: input.id } }),
    result: toResponse,
    cost: 'free',
    examples: [{ input: { id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b' }, response: sample.response() }],
  }),
  'response.delete': native({
    summary: 'Delete a stored response.',
    effect: 'delete',
    labels: GONE,
    scope: 'Responses write',
    input: z.strictObject({ id }),
    output: deleted,
    request: (input) => del('/responses/{response_id}', { path: { response_id: input.id } }),
    result: (body) => readAs(deleted, body),
    cost: 'free',
    undo: { none: 'OpenAI does not bring a deleted response back.' },
    examples: [
      {
        input: { id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b' },
        response: {
          id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
          object: 'response',
          deleted: true,
        },
      },
    ],
  }),
  'file.upload': native({
    summary: 'Upload a file for batches, fine-tuning or as input.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 'Files write',
    input: z.strictObject({
      file,
      purpose: z.enum(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']),
      expiresAfterSeconds: z
        .int()
        .min(3600)
        .max(2_592_000)
        .optional()
        .describe('Default of batches 30 days, of others never.'),
    }),
    output: storedFile,
    request: (input) =>
      post('/files', {
        multipart: [
          { name: 'purpose', value: input.purpose },
          ...(input.expiresAfterSeconds === undefined
            ? []
            : [
                { name: 'expires_after[anchor]', value: 'created_at' },
                { name: 'expires_after[seconds]', value: String(input.expiresAfterSeconds) },
              ]),
          filePart(input.file),
        ],
      }),
    result: toFile,
    cost: 'free',
    undo: ({ result }) => ({ operation: 'openai:file.delete', input: { id: result.id } }),
    undoLabel: 'openai:file.delete',
    examples: [
      {
        input: {
          file: {
            name: 'requests.jsonl',
            text: '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5-mini","messages":[]}}\n',
            contentType: 'application/jsonl',
          },
          purpose: 'batch',
        },
        response: sample.file(),
      },
    ],
  }),
  'file.delete': native({
    summary: 'Delete a file.',
    effect: 'delete',
    labels: GONE,
    scope: 'Files write',
    input: z.strictObject({ id }),
    output: deleted,
    request: (input) => del('/files/{file_id}', { path: { file_id: input.id } }),
    result: (body) => readAs(deleted, body),
    cost: 'free',
    undo: { none: 'OpenAI does not bring a deleted file back.' },
    examples: [
      {
        input: { id: 'file-XjGxS3KTG0uNmNOK362iJua3' },
        response: { id: 'file-XjGxS3KTG0uNmNOK362iJua3', object: 'file', deleted: true },
      },
    ],
  }),
  'file.content': native({
    summary: 'Read what is in a file, such as the results of a batch.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 'Files read',
    input: z.strictObject({ id }),
    output: z.object({
      text: z.string().nullable(),
      base64: z.string().nullable().describe('Of a file that is no text.'),
    }),
    request: (input) => get('/files/{file_id}/content', { path: { file_id: input.id }, answer: 'bytes' }),
    result: toContent,
    cost: 'free',
    examples: [
      {
        input: { id: 'file-XjGxS3KTG0uNmNOK362iJua3' },
        response: Buffer.from('{"custom_id":"1","response":{"status_code":200}}\n').toString('base64'),
      },
    ],
  }),
  'batch.create': native({
    summary: 'Have the requests of a file answered within a day, at the price of batches.',
    effect: 'send',
    labels: OWN,
    scope: 'Batch write',
    input: z.strictObject({
      file: id.describe('Id of the uploaded file, of purpose batch.'),
      endpoint: z.enum(ENDPOINTS),
      metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
    }),
    output: batch,
    request: ({ file: input_file_id, endpoint, metadata }) =>
      post('/batches', { json: { input_file_id, endpoint, completion_window: '24h', metadata } }),
    result: toBatch,
    cost: () => ({ kind: 'unknown', why: 'it depends on the requests in the file and on what the models write' }),
    undo: ({ result }) => ({ operation: 'openai:batch.cancel', input: { id: result.id } }),
    undoLabel: 'openai:batch.cancel; what was answered by then is paid for',
    examples: [
      {
        input: {
          file: 'file-XjGxS3KTG0uNmNOK362iJua3',
          endpoint: '/v1/chat/completions',
          metadata: { job: 'nightly' },
        },
        response: sample.batch({ metadata: { job: 'nightly' } }),
      },
    ],
  }),
  'batch.get': native({
    summary: 'Read how far a batch is.',
    effect: 'read',
    labels: OWN,
    scope: 'Batch read',
    input: z.strictObject({ id }),
    output: batch,
    request: (input) => get('/batches/{batch_id}', { path: { batch_id: input.id } }),
    result: toBatch,
    cost: 'free',
    examples: [
      {
        input: { id: 'batch_abc123' },
        response: sample.batch({
          status: 'completed',
          output_file_id: 'file-cvaTdG',
          request_counts: { total: 1, completed: 1, failed: 0 },
        }),
      },
    ],
  }),
  'batch.cancel': native({
    summary: 'Stop a batch; what was answered by then is kept and paid for.',
    effect: 'update',
    labels: GONE,
    scope: 'Batch write',
    input: z.strictObject({ id }),
    output: batch,
    request: (input) => post('/batches/{batch_id}/cancel', { path: { batch_id: input.id } }),
    result: toBatch,
    cost: 'free',
    undo: { none: 'OpenAI does not take a cancelled batch up again.' },
    examples: [{ input: { id: 'batch_abc123' }, response: sample.batch({ status: 'cancelling' }) }],
  }),
  'moderation.create': native({
    summary: 'Have texts judged for harmful content.',
    effect: 'send',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 'Moderations write',
    input: z.strictObject({
      input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
      model: z.string().min(1).max(200).optional(),
    }),
    output: moderations,
    request: ({ input, model }) => post('/moderations', { json: { input, model } }),
    result: toModerations,
    cost: 'free',
    // It leaves nothing behind, so that once more does no harm.
    idempotent: true,
    undo: { none: 'A text that OpenAI has read cannot be taken back.' },
    examples: [
      {
        input: { input: ['Good evening.', 'I will hurt you.'], model: 'omni-moderation-latest' },
        response: {
          id: 'modr-970d409ef3bef3b70c73d8232df86e7d',
          model: 'omni-moderation-latest',
          results: [sample.judgement(), sample.judgement(['harassment/threatening', 'violence'])],
        },
      },
    ],
  }),
}

function responseEvent(body: JsonObject & { type: string }, sequence: number) {
  const json: JsonObject = { ...body, sequence_number: sequence }
  return { event: body.type, data: JSON.stringify(json), json }
}
