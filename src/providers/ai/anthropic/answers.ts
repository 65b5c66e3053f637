// Messages of Anthropic, whole or in events, in standard terms. Anthropic counts input beside what its cache had and got:
// all of it together is what a model read.
import {
  type Completion,
  type EventReader,
  type JsonValue,
  readAs,
  type ToolCall,
  toolArguments,
  z,
} from '../../../adapter/index.ts'
import { streamFault } from './errors.ts'

const tokens = z.int().min(0)

const usage = z.object({
  input_tokens: tokens.nullish(),
  output_tokens: tokens.nullish(),
  cache_creation_input_tokens: tokens.nullish(),
  cache_read_input_tokens: tokens.nullish(),
})
type Usage = z.output<typeof usage>

// Blocks of other kinds (thinking, server tools) pass unread.
const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.record(z.string(), z.json()).optional(),
})

const message = z.object({
  content: z.array(block),
  stop_reason: z.string().nullish(),
  usage: usage.extend({ input_tokens: tokens, output_tokens: tokens }),
})

/** The standard result of a whole answer. */
export function toCompletion(body: JsonValue): Completion {
  const { content, stop_reason, usage: used } = readAs(message, body)
  const toolCalls = content.flatMap(({ type, id, name, input }): ToolCall[] =>
    type === 'tool_use' && id && name ? [{ id, name, arguments: input ?? {} }] : [],
  )
  return {
    text: content.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join(''),
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    finishReason: reasonOf(stop_reason),
    usage: toUsage(used),
  }
}

const REASONS = new Map<string, Completion['finishReason']>(
  Object.entries({
    end_turn: 'stop',
    stop_sequence: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool_calls',
    refusal: 'refused',
  } as const),
)

const reasonOf = (reason: string | null | undefined) => REASONS.get(reason ?? '') ?? 'other'

function toUsage(used: Usage): Completion['usage'] {
  const cached = used.cache_read_input_tokens ?? 0
  const written = used.cache_creation_input_tokens ?? 0
  return {
    inputTokens: (used.input_tokens ?? 0) + cached + written,
    outputTokens: used.output_tokens ?? 0,
    ...(typeof used.cache_read_input_tokens === 'number' ? { cachedTokens: cached } : {}),
    ...(written > 0 ? { cacheWriteTokens: written } : {}),
  }
}

const streamed = z.looseObject({
  type: z.string(),
  index: z.int().optional(),
  message: z.object({ usage }).optional(),
  content_block: block.optional(),
  delta: z
    .looseObject({
      type: z.string().optional(),
      text: z.string().optional(),
      partial_json: z.string().optional(),
      stop_reason: z.string().nullish(),
    })
    .optional(),
  usage: usage.optional(),
  error: z.record(z.string(), z.json()).optional(),
})

/** Reads the events of a message; kinds that this version does not know say nothing. */
export function messageEvents(): EventReader<Completion> {
  const calls = new Map<number, { id: string; name: string; input: ToolCall['arguments']; written: string }>()
  const whole: ToolCall[] = []
  let text = ''
  let used: Usage = {}
  let reason: string | null | undefined
  let state: 'none' | 'begun' | 'done' = 'none'

  /** The deltas of a call are one JSON text; without any it is what the block began with. */
  const ended = (index: number): ToolCall[] => {
    const call = calls.get(index)
    if (!call) return []
    calls.delete(index)
    const read = call.written === '' ? call.input : toolArguments(call.written)
    return read === undefined ? [] : [{ id: call.id, name: call.name, arguments: read }]
  }
  const said = (words: string | undefined) => {
    text += words ?? ''
    return words ? [{ text: words }] : []
  }

  return {
    event({ json }) {
      const read = streamed.safeParse(json)
      if (!read.success) return []
      const { type, index = 0, message: begun, content_block, delta, usage: told, error } = read.data
      switch (type) {
        case 'message_start':
          state = 'begun'
          used = begun?.usage ?? {}
          return []
        case 'content_block_start':
          if (content_block?.type === 'tool_use') {
            const { id = '', name = '', input = {} } = content_block
            calls.set(index, { id, name, input, written: '' })
          }
          return content_block?.type === 'text' ? said(content_block.text) : []
        case 'content_block_delta': {
          const call = calls.get(index)
          if (call && delta?.type === 'input_json_delta') call.written += delta.partial_json ?? ''
          return delta?.type === 'text_delta' ? said(delta.text) : []
        }
        case 'content_block_stop': {
          const done = ended(index)
          whole.push(...done)
          return done.map((toolCall) => ({ toolCall }))
        }
        case 'message_delta':
          reason = delta?.stop_reason ?? reason
          used = { ...used, ...present(told) } // cumulative: the last one counts
          return []
        case 'message_stop':
          state = 'done'
          return 'end'
        case 'error':
          return { fault: streamFault(error ?? {}) }
        default:
          return []
      }
    },
    end(complete) {
      if (state === 'none' || (complete && state !== 'done')) return undefined
      return {
        text,
        ...(whole.length > 0 ? { toolCalls: whole } : {}),
        finishReason: complete ? reasonOf(reason) : 'aborted',
        usage: toUsage(used),
      }
    },
  }
}

/** The figures that are told anew. */
const present = (told: Usage | undefined): Usage =>
  Object.fromEntries(Object.entries(told ?? {}).filter(([, figure]) => typeof figure === 'number'))
