// Conversations as Anthropic takes them: instructions at the head apart from the turns, calls of tools and their results
// as blocks of a turn.
import { type CompletionInput, imageOf, type JsonObject, unsupported } from '../../../adapter/index.ts'

/**
 * Anthropic asks for a limit and has none by itself. This one is ours; what it may cost is reckoned with it, and plans
 * show it in the request.
 */
export const DEFAULT_MAX_TOKENS = 4096

type Message = CompletionInput['messages'][number]

/** What `message.create` and `message.countTokens` have in common. */
export function conversation({ model, messages, tools }: Pick<CompletionInput, 'model' | 'messages' | 'tools'>) {
  const head = messages.findIndex(({ role }) => role !== 'system')
  const instructions = messages.slice(0, head === -1 ? messages.length : head)
  const system = instructions.map(({ content }) => content).join('\n\n')
  const turns = messages.slice(instructions.length)
  if (turns.length === 0) {
    throw unsupported('Anthropic answers a person, not instructions alone', 'Add a message with role user.')
  }
  return {
    model,
    system: system === '' ? undefined : system,
    messages: toTurns(turns),
    tools: tools?.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: { type: 'object', ...parameters },
    })),
  }
}

/** The results of tools that were called together belong into one turn. */
function toTurns(messages: readonly Message[]): JsonObject[] {
  const turns: JsonObject[] = []
  let results: JsonObject[] | undefined
  for (const message of messages) {
    if (message.role === 'tool') {
      const result = { type: 'tool_result', tool_use_id: message.toolCallId, content: message.content }
      if (results) results.push(result)
      else {
        results = [result]
        turns.push({ role: 'user', content: results })
      }
      continue
    }
    results = undefined
    turns.push({ role: message.role, content: contentOf(message) })
  }
  return turns
}

function contentOf(message: Exclude<Message, { role: 'tool' }>): string | JsonObject[] {
  if (message.role === 'system') return message.content
  if (message.role === 'user') {
    return typeof message.content === 'string' ? message.content : message.content.map(toPart)
  }
  const { content, toolCalls = [] } = message
  if (content === '' && toolCalls.length === 0) {
    throw unsupported('Anthropic takes no empty turn of the assistant', 'Leave the message out.')
  }
  if (toolCalls.length === 0) return content
  return [
    ...(content === '' ? [] : [{ type: 'text', text: content }]),
    ...toolCalls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: call.arguments })),
  ]
}

type Part = Exclude<Extract<Message, { role: 'user' }>['content'], string>[number]

function toPart(part: Part): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text }
  const image = imageOf(part)
  return {
    type: 'image',
    source:
      'url' in image
        ? { type: 'url', url: image.url }
        : { type: 'base64', media_type: image.contentType, data: image.base64 },
  }
}
