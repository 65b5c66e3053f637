// A conversation in the form of OpenAI's chat completions, which many vendors and gateways take.
import type { JsonObject } from '../../foundation/index.ts'
import { type CompletionInput, imageOf } from './completion-parts.ts'

export interface ChatRequestOptions {
  /** What the vendor calls the most that may be written. */
  maxTokens?: 'max_completion_tokens' | 'max_tokens'
}

/** The body of a request for a chat completion; a stream is asked to end with its usage. */
export function chatRequest(
  input: CompletionInput,
  { maxTokens = 'max_completion_tokens' }: ChatRequestOptions = {},
): Record<string, unknown> {
  return {
    model: input.model,
    messages: input.messages.map(toChatMessage),
    [maxTokens]: input.maxTokens,
    temperature: input.temperature,
    tools: input.tools?.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    })),
    ...(input.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  }
}

function toChatMessage(message: CompletionInput['messages'][number]): Record<string, unknown> {
  switch (message.role) {
    case 'user':
      return {
        role: 'user',
        content: typeof message.content === 'string' ? message.content : message.content.map(toChatPart),
      }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content === '' ? null : message.content,
        tool_calls: message.toolCalls?.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.arguments) },
        })),
      }
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
    default:
      return { role: message.role, content: message.content }
  }
}

type Part = Exclude<Extract<CompletionInput['messages'][number], { role: 'user' }>['content'], string>[number]

function toChatPart(part: Part): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text }
  const image = imageOf(part)
  const url = 'url' in image ? image.url : `data:${image.contentType};base64,${image.base64}`
  return { type: 'image_url', image_url: { url } }
}
