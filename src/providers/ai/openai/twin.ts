// OpenAI in rehearsal: a model that echoes and calls tools, whole or in events; embeddings as numbers or base64; files,
// batches and stored responses that are kept. Every answer is whole enough for OpenAI's description and its own client.
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

const refuse = (status: number, type: string, code: string | null, message: string, param: string | null = null) => ({
  status,
  body: { error: { message, type, param, code } },
})

const invalid = (message: string, param: string): TwinAnswer =>
  refuse(400, 'invalid_request_error', null, message, param)

const noModel = (model: string): TwinAnswer =>
  refuse(404, 'invalid_request_error', 'model_not_found', `The model \`${model}\` does not exist`)

const objectsIn = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** The words of a message, whether its content is text or parts. */
const wordsOf = ({ content }: JsonObject): string =>
  typeof content === 'string'
    ? content
    : objectsIn(content)
        .map((part) => text(part.text))
        .join('')

const MODELS = ['gpt-5-mini', 'gpt-5', 'gpt-4o-mini', 'text-embedding-3-small', 'omni-moderation-latest']
const isModel = (model: string) => /^(gpt|o\d|chatgpt|text-embedding|omni-moderation)/.test(model)
const seconds = (now: number) => Math.floor(now / 1000)

interface Turn {
  text: string
  call?: { name: string; arguments: JsonObject }
  isCut: boolean
}

/** Cut to what it may write: a token for every four characters. */
function turnOf(words: string, fromPerson: boolean, body: JsonObject, max: JsonValue | undefined): Turn {
  const tools = objectsIn(body.tools).map((tool) => {
    const described = isObject(tool.function) ? tool.function : tool
    return { name: text(described.name), parameters: isObject(described.parameters) ? described.parameters : {} }
  })
  const choice = body.tool_choice
  const named = isObject(choice) ? text(isObject(choice.function) ? choice.function.name : choice.name) : undefined
  const allowed = choice === 'none' ? [] : tools
  const turn = rehearsedTurn(words, fromPerson, { tools: allowed, must: choice === 'required' ? 'any' : named })
  const length = typeof max === 'number' ? max * 4 : Number.POSITIVE_INFINITY
  return { ...turn, text: turn.text.slice(0, length), isCut: turn.text.length > length }
}

function createChat(call: TwinCall): TwinAnswer {
  const { body, nextId, now } = call
  const messages = objectsIn(body.messages)
  if (messages.length === 0) return invalid("Missing required parameter: 'messages'.", 'messages')
  const model = text(body.model)
  if (!isModel(model)) return noModel(model)
  const orphan = messages.find(({ role, tool_call_id }) => role === 'tool' && !isAsked(messages, tool_call_id))
  if (orphan) {
    return invalid(
      "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      'messages',
    )
  }
  const last = messages.at(-1) ?? {}
  const turn = turnOf(wordsOf(last), last.role === 'user', body, body.max_completion_tokens ?? body.max_tokens)
  const calls = turn.call ? [shape.functionCall(nextId('call_'), turn.call.name, turn.call.arguments)] : []
  const usage = shape.chatUsage(rehearsedTokens(messages), rehearsedTokens(turn.text || calls))
  const finish = calls.length > 0 ? 'tool_calls' : turn.isCut ? 'length' : 'stop'
  const own = {
    id: nextId('chatcmpl-'),
    created: seconds(now),
    model,
    service_tier: text(body.service_tier) || 'default',
  }
  if (body.stream === true) return { body: null, stream: chatStream(own, { turn, calls, finish, usage }, body) }
  const message = { content: turn.text || null, ...(calls.length > 0 ? { tool_calls: calls } : {}) }
  return { body: shape.chat(message, { ...own, usage }, finish), headers: LIMITS }
}

const isAsked = (messages: readonly JsonObject[], id: JsonValue | undefined): boolean =>
  messages.some(({ tool_calls }) => objectsIn(tool_calls).some((call) => call.id === id))

function chatStream(
  own: JsonObject,
  { turn, calls, finish, usage }: { turn: Turn; calls: JsonObject[]; finish: string; usage: JsonObject },
  body: JsonObject,
): string[] {
  const withUsage = isObject(body.stream_options) && body.stream_options.include_usage === true
  const chunk = (delta: JsonObject, end: string | null = null, changes: JsonObject = {}) => {
    const { usage: none, ...rest } = shape.chunk(delta, end, { ...own, ...changes })
    return `data: ${JSON.stringify(withUsage ? { ...rest, usage: none } : rest)}\n\n`
  }
  const deltas = calls.flatMap((call, index) => {
    const { name, arguments: args } = call.function as JsonObject
    const whole = text(args)
    const half = Math.ceil(whole.length / 2)
    return [
      { tool_calls: [{ index, id: call.id ?? '', type: 'function', function: { name: name ?? '', arguments: '' } }] },
      { tool_calls: [{ index, function: { arguments: whole.slice(0, half) } }] },
      { tool_calls: [{ index, function: { arguments: whole.slice(half) } }] },
    ]
  })
  return [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...piecesOf(turn.text).map((content) => chunk({ content })),
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, finish),
    ...(withUsage ? [chunk({}, null, { choices: [], usage })] : []),
    'data: [DONE]\n\n',
  ]
}

/** Words, as models write them. */
const piecesOf = (words: string): string[] => words.match(/\S*\s*/g)?.filter((piece) => piece !== '') ?? []

const LIMITS = {
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-remaining-requests': '499',
  'x-ratelimit-reset-requests': '120ms',
}

function createEmbeddings({ body }: TwinCall): TwinAnswer {
  const { input, model } = body
  const texts = (Array.isArray(input) ? input : [input]).filter((one) => typeof one === 'string')
  if (texts.length === 0 || texts.includes('')) return invalid("'$.input' is invalid.", 'input')
  if (!isModel(text(model))) return noModel(text(model))
  const size = typeof body.dimensions === 'number' ? body.dimensions : 8
  const data = texts.map((words, index) => {
    const vector = vectorOf(words, size)
    const embedding = body.encoding_format === 'base64' ? float32(vector) : vector
    return { object: 'embedding', index, embedding }
  })
  const tokens = rehearsedTokens(texts.join(' '))
  return {
    body: { object: 'list', model: text(model), data, usage: { prompt_tokens: tokens, total_tokens: tokens } },
    headers: LIMITS,
  }
}

/** The same text has the same vector, of length 1 within single precision. */
function vectorOf(words: string, size: number): number[] {
  const raw = Array.from({ length: size }, (_, at) => Math.sin((at + 1) * (1 + (hash(words) % 1000))))
  const length = Math.hypot(...raw) || 1
  return raw.map((value) => Math.fround(value / length))
}

const hash = (words: string): number =>
  [...words].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003, 7)

/** Little-endian single precision in base64, as the vendor's client reads it. */
function float32(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4)
  return bytes.toString('base64')
}

function createResponse(call: TwinCall): TwinAnswer {
  const { body, state, nextId, now } = call
  const model = text(body.model)
  if (!isModel(model)) return noModel(model)
  const previous = text(body.previous_response_id)
  if (previous && !state('responses').has(previous)) {
    return refuse(
      400,
      'invalid_request_error',
      'previous_response_not_found',
      `Previous response with id '${previous}' not found.`,
      'previous_response_id',
    )
  }
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : objectsIn(body.input)
  const last = items.at(-1) ?? {}
  const turn = turnOf(wordsOf(last) || text(last.output), last.role === 'user', body, body.max_output_tokens)
  const output = turn.call
    ? {
        type: 'function_call',
        id: nextId('fc_'),
        call_id: nextId('call_'),
        name: turn.call.name,
        arguments: JSON.stringify(turn.call.arguments),
        status: 'completed',
      }
    : { ...shape.outputMessage(turn.text), id: nextId('msg_') }
  const response = shape.response({
    id: nextId('resp_'),
    created_at: seconds(now),
    status: turn.isCut ? 'incomplete' : 'completed',
    incomplete_details: turn.isCut ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model,
    output: [output],
    previous_response_id: previous || null,
    store: body.store !== false,
    tools: objectsIn(body.tools),
    usage: shape.responseUsage(rehearsedTokens(items), rehearsedTokens(turn.text || text(output.arguments))),
  })
  if (body.store !== false) state('responses').set(String(response.id), response)
  if (body.background === true) {
    return { body: { ...shape.unfinished(response, 'queued'), background: true } }
  }
  return body.stream === true ? { body: null, stream: responseStream(response, output) } : { body: response }
}

function responseStream(response: JsonObject, output: JsonObject): string[] {
  const at = { output_index: 0 }
  const inPart = { ...at, item_id: output.id ?? '', content_index: 0 }
  const isMessage = output.type === 'message'
  const [part] = objectsIn(output.content)
  const words = text(part?.text)
  const begun = shape.unfinished(response, 'in_progress')
  const empty = isMessage
    ? { ...output, status: 'in_progress', content: [] }
    : { ...output, arguments: '', status: 'in_progress' }
  const events: JsonObject[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', ...at, item: empty },
    ...(isMessage
      ? [
          { type: 'response.content_part.added', ...inPart, part: { ...part, text: '' } },
          ...piecesOf(words).map((delta) => ({ type: 'response.output_text.delta', ...inPart, delta, logprobs: [] })),
          { type: 'response.output_text.done', ...inPart, text: words, logprobs: [] },
          { type: 'response.content_part.done', ...inPart, part: part ?? {} },
        ]
      : [
          {
            type: 'response.function_call_arguments.delta',
            ...at,
            item_id: output.id ?? '',
            delta: output.arguments ?? '',
          },
          {
            type: 'response.function_call_arguments.done',
            ...at,
            item_id: output.id ?? '',
            name: output.name ?? '',
            arguments: output.arguments ?? '',
          },
        ]),
    { type: 'response.output_item.done', ...at, item: output },
    { type: response.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response },
  ]
  return events.map(
    (event, sequence) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence })}\n\n`,
  )
}

/** Runs `act` with the thing of the path, or answers that there is none. */
const found =
  (collection: string, parameter: string, act: (call: TwinCall, thing: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const id = call.path[parameter] ?? ''
    const thing = call.state(collection).get(id)
    return thing
      ? act(call, thing)
      : refuse(404, 'invalid_request_error', null, `No such ${collection.slice(0, -1)}: ${id}`, 'id')
  }

const remove = (collection: string, parameter: string, object: string) =>
  found(collection, parameter, ({ state }, { id }) => {
    state(collection).delete(String(id))
    return { body: { id: id ?? '', object, deleted: true } }
  })

function uploadFile({ body, state, nextId, now }: TwinCall): TwinAnswer {
  const part = isObject(body.file) ? body.file : {}
  const content = Buffer.from(text(part.base64), 'base64')
  const after = isObject(body.expires_after) ? body.expires_after.seconds : body['expires_after[seconds]']
  const lives = after === undefined ? (body.purpose === 'batch' ? 2_592_000 : undefined) : Number(after)
  const { expires_at: _expires, ...file } = shape.file({
    id: nextId('file-'),
    bytes: content.length,
    created_at: seconds(now),
    filename: text(part.filename) || 'file',
    purpose: body.purpose ?? '',
  })
  const stored = lives === undefined ? file : { ...file, expires_at: seconds(now) + lives }
  state('files').set(String(file.id), stored)
  state('contents').set(String(file.id), { base64: content.toString('base64') })
  return { body: stored }
}

function createBatch({ body, state, nextId, now }: TwinCall): TwinAnswer {
  const file = text(body.input_file_id)
  if (!state('files').has(file)) return invalid(`Invalid input_file_id: ${file}`, 'input_file_id')
  const batch = shape.batch({
    id: nextId('batch_'),
    endpoint: body.endpoint ?? '',
    input_file_id: file,
    created_at: seconds(now),
    expires_at: seconds(now) + 86_400,
    metadata: body.metadata ?? {},
  })
  state('batches').set(String(batch.id), batch)
  return { body: batch }
}

/** A batch is done when it is looked at for the second time. */
function lookAtBatch({ state, nextId }: TwinCall, batch: JsonObject): TwinAnswer {
  const id = String(batch.id)
  if (batch.status === 'validating') {
    const begun = { ...batch, status: 'in_progress' }
    state('batches').set(id, begun)
    return { body: begun }
  }
  if (batch.status !== 'in_progress') return { body: batch }
  const content = Buffer.from(text(state('contents').get(text(batch.input_file_id))?.base64), 'base64')
  const lines = content
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const output = shape.file({ id: nextId('file-'), purpose: 'batch_output', filename: `${id}_output.jsonl`, bytes: 0 })
  const answers = lines.map((line, at) => {
    const asked: unknown = JSON.parse(line)
    const customId = isObject(asked as JsonValue) ? ((asked as JsonObject).custom_id ?? null) : null
    return JSON.stringify({
      id: `batch_req_${at}`,
      custom_id: customId,
      response: { status_code: 200, body: {} },
      error: null,
    })
  })
  const base64 = Buffer.from(answers.map((line) => `${line}\n`).join('')).toString('base64')
  state('files').set(String(output.id), output)
  state('contents').set(String(output.id), { base64 })
  const done = {
    ...batch,
    status: 'completed',
    output_file_id: output.id ?? '',
    request_counts: { total: lines.length, completed: lines.length, failed: 0 },
  }
  state('batches').set(id, done)
  return { body: done }
}

function cancelBatch({ state, now }: TwinCall, batch: JsonObject): TwinAnswer {
  if (!['validating', 'in_progress'].includes(String(batch.status))) {
    return refuse(409, 'invalid_request_error', null, `Cannot cancel a batch with status '${batch.status}'.`)
  }
  const cancelled = { ...batch, status: 'cancelling', cancelling_at: seconds(now) }
  state('batches').set(String(batch.id), cancelled)
  return { body: cancelled }
}

function moderate({ body, nextId }: TwinCall): TwinAnswer {
  const texts = (Array.isArray(body.input) ? body.input : [body.input]).map((one) => text(one))
  return {
    body: {
      id: nextId('modr-'),
      model: text(body.model) || 'omni-moderation-latest',
      results: texts.map((words) => shape.judgement(/\b(hurt|kill)\b/.test(words) ? ['violence'] : [])),
    },
  }
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') {
      return refuse(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.')
    }
    if (kind === 'not-found') return refuse(404, 'invalid_request_error', null, message)
    if (kind === 'invalid') return refuse(400, 'invalid_request_error', null, message)
    if (kind === 'rate-limited') {
      const answer = refuse(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests')
      return { ...answer, headers: { 'retry-after-ms': '20', 'retry-after': '1' } }
    }
    return refuse(503, 'server_error', null, message)
  },
  described: {
    faults: [
      {
        reason: 'The description names few failures by status; they are those of the guide on error codes.',
        excuses: { operations: /./, kind: 'status', where: /./ },
      },
      {
        reason: 'With encoding_format base64, which the description lists too, a vector is one text.',
        excuses: {
          operations: /^POST \/v1\/embeddings$/,
          kind: 'response',
          where: /^\/data\/\d+\/embedding$/,
          message: /must be array/,
        },
      },
      {
        reason: 'The client of the vendor writes the object expires_after as two fields with brackets.',
        excuses: {
          operations: /^POST \/v1\/files$/,
          kind: 'body',
          where: /^\/$/,
          message: /expires_after\[(anchor|seconds)\]/,
        },
      },
    ],
  },
  operations: {
    'completion.create': createChat,
    'embedding.create': createEmbeddings,
    'model.list': () => ({ body: { object: 'list', data: MODELS.map((id) => shape.model(id)) } }),
    'response.create': createResponse,
    'response.get': found('responses', 'response_id', (_call, response) => ({ body: response })),
    'response.delete': remove('responses', 'response_id', 'response'),
    'file.upload': uploadFile,
    'file.delete': remove('files', 'file_id', 'file'),
    'file.content': found('files', 'file_id', ({ state }, { id }) => ({
      body: null,
      bytes: Buffer.from(text(state('contents').get(String(id))?.base64), 'base64'),
    })),
    'batch.create': createBatch,
    'batch.get': found('batches', 'batch_id', lookAtBatch),
    'batch.cancel': found('batches', 'batch_id', cancelBatch),
    'moderation.create': moderate,
  },
}
