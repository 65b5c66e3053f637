// Inputs beyond Anthropic's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional, word } from './arbitraries.ts'

const json = fc.dictionary(word, fc.oneof(anyText, fc.integer(), fc.boolean()), { maxKeys: 3 })
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)
const toolName = fc.stringMatching(/^[a-z_]{1,20}$/)
const image = fc.oneof(
  fc.record({ type: fc.constant('image'), url: fc.webUrl({ validSchemes: ['https'] }) }),
  fc.record({
    type: fc.constant('image'),
    base64: fc.uint8Array({ minLength: 3, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    contentType: fc.constantFrom('image/png', 'image/gif'),
  }),
)
const part = fc.oneof(fc.record({ type: fc.constant('text'), text: anyText }), image)
const toolCall = fc.record({ id, name: toolName, arguments: json })
const user = fc.record({
  role: fc.constant('user'),
  content: fc.oneof(anyText, fc.array(part, { minLength: 1, maxLength: 3 })),
})
const turn = fc.oneof(
  user,
  fc.record({ role: fc.constant('system'), content: anyText }),
  fc.record({
    role: fc.constant('assistant'),
    content: anyText,
    toolCalls: fc.array(toolCall, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ role: fc.constant('tool'), toolCallId: id, content: anyText }),
)
const messages = fc.tuple(user, fc.array(turn, { maxLength: 4 })).map(([first, others]) => [first, ...others])
const tools = fc.array(
  fc.record({ name: toolName, description: anyText, parameters: fc.constant({ type: 'object' }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
)

export default {
  'completion.create': fc.record(
    { model: word, messages, maxTokens: fc.integer({ min: 1, max: 100_000 }), tools, stream: fc.boolean() },
    { requiredKeys: ['model', 'messages'] },
  ),
  'anthropic:message.countTokens': fc.record({ model: word, messages, tools: optional(tools) }),
  'anthropic:batch.create': fc.record({
    requests: fc.array(fc.record({ customId: id, completion: fc.record({ model: word, messages }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
} satisfies Record<string, fc.Arbitrary<object>>
