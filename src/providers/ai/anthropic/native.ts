// What Anthropic has beyond the vocabulary: counting tokens, reading a model, batches and files.
import {
  type CompletionInput,
  del,
  get,
  type JsonObject,
  type JsonValue,
  type Labels,
  type NativeOperation,
  native,
  type PageFacts,
  post,
  readAs,
  VOCABULARY,
  z,
} from '../../../adapter/index.ts'
import { toCompletion } from './answers.ts'
import { completionBody } from './body.ts'
import * as sample from './examples.ts'
import { conversation } from './messages.ts'

const id = z.string().min(1).max(200)
const OWN: Labels = { reads: 'private', returns: 'trusted', sends: 'none' }
const GONE: Labels = { reads: 'public', returns: 'trusted', sends: 'none' }

const asked = VOCABULARY['completion.create'].input.omit({ stream: true, temperature: true })
const completion = VOCABULARY['completion.create'].result

const modelAnswer = z.object({
  id: z.string(),
  display_name: z.string(),
  max_input_tokens: z.int().nullish(),
  max_tokens: z.int().nullish(),
  lifecycle: z.string().nullish(),
})

const model = z.object({
  id: z.string(),
  name: z.string(),
  maxInputTokens: z.int().nullable(),
  maxTokens: z.int().nullable().describe('Most that it may write.'),
  lifecycle: z.string().nullable().describe('active, deprecated or retired.'),
})

function toModel(body: JsonValue): z.output<typeof model> {
  const { id: modelId, display_name, max_input_tokens, max_tokens, lifecycle } = readAs(modelAnswer, body)
  return {
    id: modelId,
    name: display_name,
    maxInputTokens: max_input_tokens ?? null,
    maxTokens: max_tokens ?? null,
    lifecycle: lifecycle ?? null,
  }
}

const counts = z.object({
  processing: z.int(),
  succeeded: z.int(),
  errored: z.int(),
  canceled: z.int(),
  expired: z.int(),
})

const batch = z.object({
  id: z.string(),
  status: z.string().describe('in_progress, canceling or ended.'),
  counts,
  hasResults: z.boolean(),
})

function toBatch(body: JsonValue): z.output<typeof batch> {
  const answer = z.object({
    id: z.string(),
    processing_status: z.string(),
    request_counts: counts,
    results_url: z.string().nullish(),
  })
  const { id: batchId, processing_status, request_counts, results_url } = readAs(answer, body)
  return { id: batchId, status: processing_status, counts: request_counts, hasResults: Boolean(results_url) }
}

const batchResult = z.object({
  customId: z.string(),
  state: z.enum(['succeeded', 'errored', 'canceled', 'expired', 'other']),
  completion: completion.nullable(),
  error: z.string().nullable(),
})

const STATES = ['succeeded', 'errored', 'canceled', 'expired'] as const

/** Lines come in any order. */
function toResults(body: JsonValue): { results: z.output<typeof batchResult>[] } {
  const line = z.object({
    custom_id: z.string(),
    result: z.looseObject({
      type: z.string(),
      message: z.json().optional(),
      error: z.looseObject({ error: z.looseObject({ message: z.string() }).optional() }).optional(),
    }),
  })
  const results = readAs(z.array(line), body).map(({ custom_id, result: { type, message, error } }) => ({
    customId: custom_id,
    state: STATES.find((known) => known === type) ?? ('other' as const),
    completion: type === 'succeeded' && message !== undefined ? toCompletion(message as JsonValue) : null,
    error: error?.error?.message ?? null,
  }))
  return { results }
}

const fileAnswer = z.object({
  id: z.string(),
  filename: z.string(),
  mime_type: z.string(),
  size_bytes: z.int(),
})
const storedFile = z.object({ id: z.string(), name: z.string(), contentType: z.string(), bytes: z.int() })

function toFile(body: JsonValue): z.output<typeof storedFile> {
  const { id: fileId, filename, mime_type, size_bytes } = readAs(fileAnswer, body)
  return { id: fileId, name: filename, contentType: mime_type, bytes: size_bytes }
}

const file = z
  .strictObject({
    name: z.string().min(1).max(255),
    text: z.string().optional().describe('The content, as UTF-8 text.'),
    base64: z.base64().optional().describe('The content, as bytes in base64.'),
    contentType: z
      .string()
      .max(255)
      .optional()
      .describe('Default text/plain of text, application/octet-stream of bytes.'),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
    error: 'give either text or base64',
  })

const LARGEST_PAGE = 1000

const nextFiles = (body: JsonValue, _facts: PageFacts) => {
  const { next_page } = readAs(z.object({ next_page: z.string().nullish() }), body)
  return next_page ? { query: { page: next_page } } : undefined
}

const turn = (input: z.output<typeof asked>): CompletionInput => ({ ...input, stream: false })

export const natives: Record<string, NativeOperation> = {
  'message.countTokens': native({
    summary: 'Count the tokens of a conversation before it is sent.',
    effect: 'read',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 'workspace of the key',
    input: asked.pick({ model: true, messages: true, tools: true }),
    output: z.object({ inputTokens: z.int() }),
    request: (input) => post('/v1/messages/count_tokens', { json: conversation(input) }),
    result: (body) => ({ inputTokens: readAs(z.object({ input_tokens: z.int() }), body).input_tokens }),
    cost: 'free',
    examples: [
      {
        input: { model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'Are we on air?' }] },
        response: { input_tokens: 14 },
      },
    ],
  }),
  'model.get': native({
    summary: 'Read what a model can take and write.',
    effect: 'read',
    labels: GONE,
    input: z.strictObject({ id }),
    output: model,
    request: (input) => get('/v1/models/{model_id}', { path: { model_id: input.id } }),
    result: toModel,
    cost: 'free',
    examples: [{ input: { id: 'claude-sonnet-5' }, response: sample.model('claude-sonnet-5', 'Claude Sonnet 5') }],
  }),
  'batch.create': native({
    summary: 'Have many conversations answered within a day, at the price of batches.',
    effect: 'send',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    input: z.strictObject({
      requests: z
        .array(z.strictObject({ customId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), completion: asked }))
        .min(1)
        .max(100_000),
    }),
    output: batch,
    request: ({ requests }) =>
      post('/v1/messages/batches', {
        json: {
          requests: requests.map(({ customId, completion: one }) => ({
            custom_id: customId,
            params: completionBody(turn(one)),
          })),
        },
      }),
    result: toBatch,
    cost: () => ({ kind: 'unknown', why: 'what the models write is known only when the batch has ended' }),
    undo: ({ result }) => ({ operation: 'anthropic:batch.cancel', input: { id: result.id } }),
    undoLabel: 'anthropic:batch.cancel; what was answered by then is paid for',
    verify: ({ result }) =>
      result && {
        operation: 'anthropic:batch.get',
        input: { id: result.id },
        holds: (read) => read.id === result.id,
        consistency: 'eventual',
      },
    examples: [
      {
        input: {
          requests: [
            {
              customId: 'intro',
              completion: {
                model: 'claude-sonnet-5',
                messages: [{ role: 'user', content: 'Greet the listeners.' }],
                maxTokens: 200,
              },
            },
          ],
        },
        response: sample.batch(),
      },
    ],
  }),
  'batch.get': native({
    summary: 'Read how far a batch is.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({ id }),
    output: batch,
    request: (input) => get('/v1/messages/batches/{message_batch_id}', { path: { message_batch_id: input.id } }),
    result: toBatch,
    cost: 'free',
    examples: [{ input: { id: sample.BATCH }, response: sample.batch() }],
  }),
  'batch.results': native({
    summary: 'Read the answers of a batch that has ended.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    input: z.strictObject({ id }),
    output: z.object({ results: z.array(batchResult) }),
    request: (input) =>
      get('/v1/messages/batches/{message_batch_id}/results', {
        path: { message_batch_id: input.id },
        answer: 'ndjson',
      }),
    result: toResults,
    cost: 'free',
    examples: [
      {
        input: { id: sample.BATCH },
        response: [
          {
            custom_id: 'intro',
            result: { type: 'succeeded', message: sample.message([sample.textBlock('Good evening!')]) },
          },
          {
            custom_id: 'outro',
            result: {
              type: 'errored',
              error: {
                type: 'error',
                error: { type: 'invalid_request_error', message: 'model: not found' },
                request_id: null,
              },
            },
          },
        ],
      },
    ],
  }),
  'batch.cancel': native({
    summary: 'Stop a batch; what was answered by then is kept and paid for.',
    effect: 'update',
    labels: GONE,
    input: z.strictObject({ id }),
    output: batch,
    request: (input) =>
      post('/v1/messages/batches/{message_batch_id}/cancel', { path: { message_batch_id: input.id } }),
    result: toBatch,
    cost: 'free',
    undo: { none: 'Anthropic does not take a cancelled batch up again.' },
    verify: ({ input }) => ({
      operation: 'anthropic:batch.get',
      input,
      holds: (read) => read.status !== 'in_progress',
      consistency: 'eventual',
    }),
    examples: [
      {
        input: { id: sample.BATCH },
        response: sample.batch({ processing_status: 'canceling', cancel_initiated_at: '2026-11-25T10:05:00Z' }),
      },
    ],
  }),
  'batch.delete': native({
    summary: 'Delete a batch that has ended, with its answers.',
    effect: 'delete',
    labels: GONE,
    input: z.strictObject({ id }),
    output: z.object({ id: z.string() }),
    request: (input) => del('/v1/messages/batches/{message_batch_id}', { path: { message_batch_id: input.id } }),
    result: (body) => readAs(z.object({ id: z.string() }), body),
    cost: 'free',
    undo: { none: 'Anthropic does not bring a deleted batch back.' },
    examples: [{ input: { id: sample.BATCH }, response: { id: sample.BATCH, type: 'message_batch_deleted' } }],
  }),
  'file.upload': native({
    summary: 'Upload a file for messages to refer to.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    input: z.strictObject({
      file,
      expiresInSeconds: z.int().min(1).optional().describe('Default: it stays until it is deleted.'),
    }),
    output: storedFile,
    request: ({ file: { name, text, base64, contentType }, expiresInSeconds }) =>
      post('/v1/files', {
        multipart: [
          {
            name: 'file',
            value: base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64'),
            filename: name,
            contentType: contentType ?? (base64 === undefined ? 'text/plain' : 'application/octet-stream'),
          },
          ...(expiresInSeconds === undefined ? [] : [{ name: 'expires_in_seconds', value: String(expiresInSeconds) }]),
        ],
      }),
    result: toFile,
    cost: 'free',
    undo: ({ result }) => ({ operation: 'anthropic:file.delete', input: { id: result.id } }),
    undoLabel: 'anthropic:file.delete',
    examples: [
      {
        input: { file: { name: 'rundown.txt', text: 'news, music, weather\n', contentType: 'text/plain' } },
        response: sample.file(),
      },
    ],
  }),
  'file.list': native({
    summary: 'List the files of the workspace.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ limit: z.int().min(1).max(10_000).default(100) }),
    output: z.object({ files: z.array(storedFile) }),
    request: ({ limit }) => get('/v1/files', { query: { limit: Math.min(limit, LARGEST_PAGE) } }),
    result: (body) => ({
      files: readAs(z.object({ data: z.array(z.json()) }), body).data.map((one) => toFile(one as JsonObject)),
    }),
    cost: 'free',
    pages: { field: 'files', next: nextFiles },
    examples: [{ input: { limit: 20 }, response: { data: [sample.file()], next_page: null } }],
  }),
  'file.delete': native({
    summary: 'Delete a file.',
    effect: 'delete',
    labels: GONE,
    input: z.strictObject({ id }),
    output: z.object({ id: z.string() }),
    request: (input) => del('/v1/files/{file_id}', { path: { file_id: input.id } }),
    result: (body) => readAs(z.object({ id: z.string() }), body),
    cost: 'free',
    undo: { none: 'Anthropic does not bring a deleted file back.' },
    examples: [{ input: { id: sample.FILE }, response: { id: sample.FILE, type: 'file_deleted' } }],
  }),
}
