// Anthropic in rehearsal: a Claude that echoes and calls tools, whole or in events; batches that end when they are looked
// at; files that are kept. What version 2026-10-21 refuses is refused.
import {
  type JsonObject,
  type JsonValue,
  rehearsedTokens,
  rehearsedTurn,
  type TwinAnswer,
  type TwinCall,
  type TwinDefinition,
} from '../../../adapter/index.ts'
import * as shape from './examples.ts'

const refuse = (status: number, type: string, message: string): TwinAnswer => ({
  status,
  body: { type: 'error', error: { type, message, details: null }, request_id: 'req_twin' },
})
const invalid = (message: string): TwinAnswer => refuse(400, 'invalid_request_error', message)
const missing = (what: string): TwinAnswer => refuse(404, 'not_found_error', what)

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const objectsIn = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])
const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
const time = (now: number): string => new Date(now).toISOString()

const MODELS = [
  ['claude-opus-5-5', 'Claude Opus 5.5'],
  ['claude-sonnet-5', 'Claude Sonnet 5'],
  ['claude-haiku-4-5', 'Claude Haiku 4.5'],
] as const

/** Why the API would not take a message; undefined where it would. */
function refusalOf(body: JsonObject): TwinAnswer | undefined {
  const sampling = ['temperature', 'top_p', 'top_k'].find((name) => body[name] !== undefined)
  if (sampling) return invalid(`${sampling}: is not supported on API version 2026-10-21`)
  const messages = objectsIn(body.messages)
  if (messages.length === 0) return invalid('messages: at least one message is required')
  if (!text(body.model).startsWith('claude-')) return missing(`model: ${text(body.model)}`)
  const asked = messages.flatMap(({ content }) => objectsIn(content)).filter(({ type }) => type === 'tool_use')
  const orphan = messages
    .flatMap(({ content }) => objectsIn(content))
    .find(({ type, tool_use_id }) => type === 'tool_result' && !asked.some(({ id }) => id === tool_use_id))
  return orphan && invalid(`messages: unexpected tool_use_id found in tool_result blocks: ${orphan.tool_use_id}`)
}

/** The message that Claude answers with. */
function answered(body: JsonObject, nextId: TwinCall['nextId']): JsonObject {
  const messages = objectsIn(body.messages)
  const { content } = messages.at(-1) ?? {}
  const blocks = typeof content === 'string' ? [shape.textBlock(content)] : objectsIn(content)
  const results = blocks.filter(({ type }) => type === 'tool_result')
  const words = blocks.map((block) => text(block.text) || text(block.content)).join('')
  const choice = isObject(body.tool_choice) ? body.tool_choice : {}
  const tools = objectsIn(body.tools).map(({ name, input_schema }) => ({
    name: text(name),
    parameters: isObject(input_schema) ? input_schema : {},
  }))
  const must = choice.type === 'any' ? 'any' : choice.type === 'tool' ? text(choice.name) : undefined
  const turn = rehearsedTurn(words, results.length === 0, { tools: choice.type === 'none' ? [] : tools, must })
  const limit = Number(body.max_tokens) * 4
  const isCut = turn.text.length > limit
  const block = turn.call
    ? shape.toolUse(nextId('toolu_'), turn.call.name, turn.call.arguments)
    : shape.textBlock(turn.text.slice(0, limit))
  return shape.message([block], {
    id: nextId('msg_'),
    model: text(body.model),
    stop_reason: turn.call ? 'tool_use' : isCut ? 'max_tokens' : 'end_turn',
    usage: shape.usage(inputTokens(body), rehearsedTokens(turn.call ? turn.call.arguments : text(block.text))),
  })
}

const inputTokens = ({ messages, system, tools }: JsonObject): number =>
  rehearsedTokens([messages ?? [], system ?? '', tools ?? []])

function createMessage({ body, nextId, now }: TwinCall): TwinAnswer {
  const refused = refusalOf(body)
  if (refused) return refused
  const message = answered(body, nextId)
  const headers = {
    'request-id': nextId('req_'),
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '49',
    'anthropic-ratelimit-requests-reset': time(now + 60_000),
  }
  return body.stream === true ? { body: null, stream: events(message), headers } : { body: message, headers }
}

function events(message: JsonObject): string[] {
  const usage = message.usage as JsonObject
  const blocks = objectsIn(message.content)
  const told: (JsonObject & { type: string })[] = [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    ...blocks.flatMap((block, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: block.type === 'text' ? shape.textBlock('') : { ...block, input: {} },
      },
      { type: 'ping' },
      ...deltasOf(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: message.stop_reason ?? null, stop_sequence: null, stop_details: null, container: null },
      usage: shape.deltaUsage(Number(usage.input_tokens), Number(usage.output_tokens)),
    },
    { type: 'message_stop' },
  ]
  return told.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

function deltasOf(block: JsonObject): JsonObject[] {
  if (block.type === 'text') {
    return (text(block.text).match(/\S*\s*/g) ?? [])
      .filter((piece) => piece !== '')
      .map((piece) => ({ type: 'text_delta', text: piece }))
  }
  const json = JSON.stringify(block.input ?? {})
  const half = Math.ceil(json.length / 2)
  return [json.slice(0, half), json.slice(half)].map((partial_json) => ({ type: 'input_json_delta', partial_json }))
}

function countTokens({ body }: TwinCall): TwinAnswer {
  return refusalOf(body) ?? { body: { input_tokens: inputTokens(body) } }
}

function listModels({ query }: TwinCall): TwinAnswer {
  const size = Number(query.limit ?? 20)
  const from = query.after_id === undefined ? 0 : MODELS.findIndex(([id]) => id === query.after_id) + 1
  const page = MODELS.slice(from, from + size)
  return {
    body: {
      data: page.map(([id, name]) => shape.model(id, name)),
      first_id: page[0]?.[0] ?? null,
      has_more: from + size < MODELS.length,
      last_id: page.at(-1)?.[0] ?? null,
    },
  }
}

function getModel({ path }: TwinCall): TwinAnswer {
  const found = MODELS.find(([id]) => id === path.model_id)
  return found ? { body: shape.model(found[0], found[1]) } : missing(`model: ${path.model_id}`)
}

const withBatch =
  (act: (call: TwinCall, batch: JsonObject, requests: JsonObject[]) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const id = call.path.message_batch_id ?? ''
    const batch = call.state('batches').get(id)
    const requests = objectsIn(call.state('requests').get(id)?.requests)
    return batch ? act(call, batch, requests) : missing(`message batch ${id} not found`)
  }

function createBatch({ body, state, nextId, now }: TwinCall): TwinAnswer {
  const requests = objectsIn(body.requests)
  const ids = requests.map(({ custom_id }) => text(custom_id))
  if (requests.length === 0) return invalid('requests: at least one is required')
  if (new Set(ids).size < ids.length) return invalid('requests: custom_id has to be unique')
  const id = nextId('msgbatch_')
  const batch = shape.batch({
    id,
    created_at: time(now),
    expires_at: time(now + 86_400_000),
    request_counts: { processing: requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
  })
  state('batches').set(id, batch)
  state('requests').set(id, { requests })
  return { body: batch }
}

/** A look ends it: what was cancelled before has no answers. */
function lookAtBatch({ state, now, headers }: TwinCall, batch: JsonObject, requests: JsonObject[]): TwinAnswer {
  if (batch.processing_status === 'ended') return { body: batch }
  const canceled = batch.processing_status === 'canceling'
  const errored = canceled ? 0 : requests.filter((request) => refusalOf(paramsOf(request))).length
  const ended = {
    ...batch,
    processing_status: 'ended',
    ended_at: time(now),
    // The client of the vendor goes where this says.
    results_url: `http://${headers.host ?? 'localhost'}/v1/messages/batches/${batch.id}/results`,
    request_counts: {
      processing: 0,
      succeeded: canceled ? 0 : requests.length - errored,
      errored,
      canceled: canceled ? requests.length : 0,
      expired: 0,
    },
  }
  state('batches').set(String(batch.id), ended)
  return { body: ended }
}

const paramsOf = ({ params }: JsonObject): JsonObject => (isObject(params) ? params : {})

function batchResults({ nextId }: TwinCall, batch: JsonObject, requests: JsonObject[]): TwinAnswer {
  if (batch.processing_status !== 'ended') return invalid(`batch ${batch.id} has no available results`)
  const lines = requests.map((request) => ({
    custom_id: request.custom_id ?? '',
    result: resultOf(batch, request, nextId),
  }))
  return {
    body: null,
    bytes: Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    headers: { 'content-type': 'application/x-jsonl' },
  }
}

function resultOf(batch: JsonObject, request: JsonObject, nextId: TwinCall['nextId']): JsonObject {
  if (batch.cancel_initiated_at !== null) return { type: 'canceled' }
  const refused = refusalOf(paramsOf(request))
  if (refused) return { type: 'errored', error: refused.body }
  return { type: 'succeeded', message: answered(paramsOf(request), nextId) }
}

function cancelBatch({ state, now }: TwinCall, batch: JsonObject): TwinAnswer {
  if (batch.processing_status === 'ended') return invalid(`batch ${batch.id} has ended`)
  const canceling = { ...batch, processing_status: 'canceling', cancel_initiated_at: time(now) }
  state('batches').set(String(batch.id), canceling)
  return { body: canceling }
}

function deleteBatch({ state }: TwinCall, batch: JsonObject): TwinAnswer {
  if (batch.processing_status !== 'ended') return invalid(`batch ${batch.id} has not ended: cancel it first`)
  state('batches').delete(String(batch.id))
  return { body: { id: batch.id ?? '', type: 'message_batch_deleted' } }
}

function uploadFile({ body, state, nextId, now }: TwinCall): TwinAnswer {
  const part = isObject(body.file) ? body.file : undefined
  if (!part) return invalid('file: is required')
  const lives = Number(body.expires_in_seconds)
  const file = shape.file({
    id: nextId('file_'),
    created_at: time(now),
    filename: text(part.filename),
    mime_type: text(part.contentType) || 'application/octet-stream',
    size_bytes: Number(part.size ?? 0),
    ...(Number.isFinite(lives) ? { expires_at: time(now + lives * 1000) } : {}),
  })
  state('files').set(String(file.id), file)
  return { body: file }
}

function listFiles({ query, state }: TwinCall): TwinAnswer {
  const files = [...state('files').values()].reverse()
  const size = Number(query.limit ?? 20)
  const from = Number(query.page ?? 0)
  const next = from + size
  return { body: { data: files.slice(from, next), next_page: next < files.length ? String(next) : null } }
}

function deleteFile({ path, state }: TwinCall): TwinAnswer {
  const id = path.file_id ?? ''
  return state('files').delete(id) ? { body: { id, type: 'file_deleted' } } : missing(`file ${id} not found`)
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') return refuse(401, 'authentication_error', 'invalid API key')
    if (kind === 'not-found') return refuse(404, 'not_found_error', message)
    if (kind === 'invalid') return refuse(400, 'invalid_request_error', message)
    if (kind === 'rate-limited') {
      return { ...refuse(429, 'rate_limit_error', message), headers: { 'retry-after': '1', 'retry-after-ms': '20' } }
    }
    return refuse(529, 'overloaded_error', 'Overloaded')
  },
  described: {
    faults: [
      {
        reason:
          'The description is of API version 2023-06-01, where files were a beta (`?beta=true`); version 2026-10-21 and the client of the vendor have them plainly.',
        excuses: { operations: /^(POST|GET|DELETE) \/v1\/files/, kind: 'route', where: /./ },
      },
      {
        reason: 'The description names failures up to 499 only; 529 is on the page of errors.',
        excuses: { operations: /./, kind: 'status', where: /./ },
      },
      {
        reason:
          'Version 2026-10-21 takes messages of the role system in their place, as the client of the vendor has it.',
        excuses: {
          operations: /^POST \/v1\/messages/,
          kind: 'body',
          where: /^\/(requests\/\d+\/params\/)?messages\/\d+\/role$/,
        },
      },
    ],
  },
  required: { 'completion.create': ['max_tokens'] },
  operations: {
    'completion.create': createMessage,
    'message.countTokens': countTokens,
    'model.list': listModels,
    'model.get': getModel,
    'batch.create': createBatch,
    'batch.get': withBatch(lookAtBatch),
    'batch.results': withBatch(batchResults),
    'batch.cancel': withBatch(cancelBatch),
    'batch.delete': withBatch(deleteBatch),
    'file.upload': uploadFile,
    'file.list': listFiles,
    'file.delete': deleteFile,
  },
}
