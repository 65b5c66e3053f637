// The Responses API: answers and events in standard words. Only tools of the caller's own are taken: OpenAI's hosted ones
// (search, code, connectors) act by themselves, reach outside and cost extra.
import {
  type EventReader,
  type JsonObject,
  type JsonValue,
  readAs,
  type ToolCall,
  toolArguments,
  z,
} from '../../../adapter/index.ts'
import { streamFault } from './errors.ts'

const tokens = z.int().min(0)

const usage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  input_tokens_details: z.object({ cached_tokens: tokens.nullish(), cache_write_tokens: tokens.nullish() }).nullish(),
})

const item = z.looseObject({
  type: z.string(),
  content: z
    .array(z.looseObject({ type: z.string(), text: z.string().optional(), refusal: z.string().optional() }))
    .nullish(),
  call_id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
})

const responseAnswer = z.object({
  id: z.string(),
  status: z.string().default('completed'),
  output: z.array(item),
  usage: usage.nullish(),
  incomplete_details: z.object({ reason: z.string().optional() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string() }).nullish(),
})

/** What a response is, finished or not. */
export const response = z.object({
  id: z.string(),
  status: z.string().describe('completed, incomplete, in_progress, queued, failed or cancelled.'),
  text: z.string(),
  toolCalls: z
    .array(z.object({ id: z.string(), name: z.string(), arguments: z.record(z.string(), z.json()) }))
    .optional(),
  reason: z.string().nullable().describe('Why it is incomplete or has failed.'),
  usage: z
    .object({
      inputTokens: tokens,
      outputTokens: tokens,
      cachedTokens: tokens.optional(),
      cacheWriteTokens: tokens.optional(),
    })
    .nullable()
    .describe('Null until it is done.'),
})
export type ModelResponse = z.output<typeof response>

export function toResponse(body: JsonValue): ModelResponse {
  const { id, status, output, usage: used, incomplete_details, error } = readAs(responseAnswer, body)
  const toolCalls = output.flatMap(toToolCall)
  return {
    id,
    status,
    text: output.map(textIn).join(''),
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    reason: error?.message ?? incomplete_details?.reason ?? null,
    usage: used ? toUsage(used) : null,
  }
}

const textIn = ({ type, content }: z.output<typeof item>): string =>
  type === 'message' ? (content ?? []).map(({ text, refusal }) => text ?? refusal ?? '').join('') : ''

function toToolCall({ type, call_id, name, arguments: written }: z.output<typeof item>): ToolCall[] {
  if (type !== 'function_call' || !call_id || !name) return []
  const read = toolArguments(written ?? '')
  return read === undefined ? [] : [{ id: call_id, name, arguments: read }]
}

const toUsage = ({ input_tokens, output_tokens, input_tokens_details }: z.output<typeof usage>) => ({
  inputTokens: input_tokens,
  outputTokens: output_tokens,
  ...(typeof input_tokens_details?.cached_tokens === 'number'
    ? { cachedTokens: input_tokens_details.cached_tokens }
    : {}),
  ...(input_tokens_details?.cache_write_tokens ? { cacheWriteTokens: input_tokens_details.cache_write_tokens } : {}),
})

const streamed = z.looseObject({
  type: z.string(),
  delta: z.string().optional(),
  item: item.optional(),
  response: z.looseObject({}).optional(),
})

/** Reads `response.…` events; the last one holds the whole response. */
export function responseEvents(): EventReader<ModelResponse> {
  let last: ModelResponse | undefined
  let text = ''
  let isOver = false

  return {
    event({ json }) {
      const read = streamed.safeParse(json)
      if (!read.success) return []
      const { type, delta, item: done, response: whole } = read.data
      switch (type) {
        case 'response.output_text.delta':
        case 'response.refusal.delta':
          text += delta ?? ''
          return delta ? [{ text: delta }] : []
        case 'response.output_item.done':
          return done ? toToolCall(done).map((toolCall) => ({ toolCall })) : []
        case 'response.created':
        case 'response.in_progress':
          if (whole) last = toResponse(whole as JsonObject) // an object of JSON: the schema has read it
          return []
        case 'response.completed':
        case 'response.incomplete':
          last = toResponse(whole as JsonObject)
          isOver = true
          return 'end'
        case 'response.failed':
          last = toResponse(whole as JsonObject)
          return { fault: streamFault(errorIn(whole as JsonObject)) }
        case 'error':
          return { fault: streamFault(json as JsonObject) }
        default:
          return []
      }
    },
    end(complete) {
      if (!last || (complete && !isOver)) return undefined
      return isOver
        ? last
        : { ...last, status: 'incomplete', text: last.text || text, reason: 'the stream ended early' }
    },
  }
}

const errorIn = ({ error }: JsonObject): JsonObject =>
  typeof error === 'object' && error !== null && !Array.isArray(error) ? error : { message: 'the response failed' }
