// The answer to a chat completion, whole or in events, in standard terms. A tool call whose arguments are no JSON object,
// or were cut off, cannot be carried out: it is left out, and the reason for the end is `length` or `other`.
import { z } from 'zod'
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { readAs } from '../answer.ts'
import type { EventReader, Fault, StreamEvent } from '../definition.ts'
import { type Completion, type ToolCall, toolArguments } from './completion-parts.ts'

const tokens = z.int().min(0)

const usage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens.default(0),
  prompt_tokens_details: z.object({ cached_tokens: tokens.nullish(), cache_write_tokens: tokens.nullish() }).nullish(),
})

const answer = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage,
})

/** The standard result of a whole answer. */
export function chatResult(body: JsonValue): Completion {
  const { choices, usage: used } = readAs(answer, body)
  const [choice] = choices
  const { content, refusal, tool_calls } = choice?.message ?? {}
  const calls = (tool_calls ?? []).map(({ id, function: called }) => ({ id, ...called }))
  return completionOf({ text: content ?? '', refusal: refusal ?? '', calls, finish: choice?.finish_reason }, used)
}

interface Written {
  text: string
  refusal: string
  calls: readonly { id: string; name: string; arguments: string }[]
  finish: string | null | undefined
}

function completionOf({ text, refusal, calls, finish }: Written, used: z.output<typeof usage> | undefined): Completion {
  const toolCalls = calls.flatMap(wholeCall)
  return {
    text: text || refusal,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    finishReason: refusal === '' ? reasonOf(finish, toolCalls.length < calls.length) : 'refused',
    usage: used ? toUsage(used) : { inputTokens: 0, outputTokens: 0 },
  }
}

function wholeCall({ id, name, arguments: written }: Written['calls'][number]): ToolCall[] {
  const read = toolArguments(written)
  return read === undefined || id === '' || name === '' ? [] : [{ id, name, arguments: read }]
}

const REASONS = new Map<string, Completion['finishReason']>(
  Object.entries({
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool_calls',
    function_call: 'tool_calls',
    content_filter: 'refused',
  } as const),
)

function reasonOf(finish: string | null | undefined, lacksCalls: boolean): Completion['finishReason'] {
  const reason = REASONS.get(finish ?? '') ?? 'other'
  return lacksCalls && reason === 'tool_calls' ? 'other' : reason
}

function toUsage({ prompt_tokens, completion_tokens, prompt_tokens_details }: z.output<typeof usage>) {
  const { cached_tokens, cache_write_tokens } = prompt_tokens_details ?? {}
  return {
    inputTokens: prompt_tokens,
    outputTokens: completion_tokens,
    ...(typeof cached_tokens === 'number' ? { cachedTokens: cached_tokens } : {}),
    ...(cache_write_tokens ? { cacheWriteTokens: cache_write_tokens } : {}),
  }
}

const chunk = z.object({
  choices: z
    .array(
      z.object({
        index: z.int().default(0),
        finish_reason: z.string().nullish(),
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: z.int().default(0),
                  id: z.string().nullish(),
                  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .default([]),
  usage: usage.nullish(),
})

/** Reads the events of a streamed chat completion; `fault` reads an error that comes in one of them. */
export function chatEvents(fault: (error: JsonObject) => Fault): EventReader<Completion> {
  const calls = new Map<number, { id: string; name: string; arguments: string }>()
  let text = ''
  let refusal = ''
  let finish: string | undefined
  let used: z.output<typeof usage> | undefined
  let state: 'none' | 'begun' | 'done' = 'none'

  const piecesOf = ({ choices, usage: told }: z.output<typeof chunk>): JsonObject[] => {
    if (told) used = told
    const choice = choices.find(({ index }) => index === 0)
    if (!choice) return []
    const { content, refusal: refused, tool_calls } = choice.delta ?? {}
    text += content ?? ''
    refusal += refused ?? ''
    for (const part of tool_calls ?? []) {
      const call = calls.get(part.index) ?? { id: '', name: '', arguments: '' }
      // The id and the name come whole, once; gateways repeat them.
      calls.set(part.index, {
        id: call.id || (part.id ?? ''),
        name: call.name || (part.function?.name ?? ''),
        arguments: call.arguments + (part.function?.arguments ?? ''),
      })
    }
    const said = `${content ?? ''}${refused ?? ''}`
    const isLast = typeof choice.finish_reason === 'string' && finish === undefined
    if (typeof choice.finish_reason === 'string') finish = choice.finish_reason
    const whole = isLast ? [...calls.values()].flatMap(wholeCall) : []
    return [...(said === '' ? [] : [{ text: said }]), ...whole.map((toolCall) => ({ toolCall }))]
  }

  return {
    event({ data, json }: StreamEvent) {
      if (data.trim() === '[DONE]') {
        state = 'done'
        return 'end'
      }
      const error = errorIn(json)
      if (error) return { fault: fault(error) }
      const read = chunk.safeParse(json)
      if (!read.success) return [] // of a kind that this version does not know
      state = 'begun'
      return piecesOf(read.data)
    },
    end(complete) {
      if (state === 'none' || (complete && state !== 'done')) return undefined
      const completion = completionOf({ text, refusal, calls: [...calls.values()], finish }, used)
      return complete ? completion : { ...completion, finishReason: 'aborted' }
    },
  }
}

/** A frame with an `error` is a failure, though the status was a success. */
function errorIn(json: JsonValue | undefined): JsonObject | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const { error } = json
  if (typeof error === 'string') return { message: error }
  return typeof error === 'object' && error !== null && !Array.isArray(error) ? error : undefined
}
