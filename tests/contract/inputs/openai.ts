// Inputs beyond OpenAI's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional, word } from './arbitraries.ts'

const json = fc.dictionary(word, fc.oneof(anyText, fc.integer(), fc.boolean()), { maxKeys: 3 })
const image = fc.oneof(
  fc.record({ type: fc.constant('image'), url: fc.webUrl({ validSchemes: ['https'] }) }),
  fc.record({
    type: fc.constant('image'),
    base64: fc.uint8Array({ minLength: 3, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    contentType: fc.constantFrom('image/png', 'image/jpeg'),
  }),
)
const part = fc.oneof(fc.record({ type: fc.constant('text'), text: anyText }), image)
const toolCall = fc.record({ id: word, name: word, arguments: json })
const message = fc.oneof(
  fc.record({ role: fc.constant('system'), content: anyText }),
  fc.record({ role: fc.constant('user'), content: fc.oneof(anyText, fc.array(part, { minLength: 1, maxLength: 3 })) }),
  fc.record(
    { role: fc.constant('assistant'), content: anyText, toolCalls: fc.array(toolCall, { minLength: 1, maxLength: 2 }) },
    { requiredKeys: ['role', 'content'] },
  ),
  fc.record({ role: fc.constant('tool'), toolCallId: word, content: anyText }),
)
const toolName = fc.stringMatching(/^[a-z_]{1,20}$/)
const tool = fc.record({ name: toolName, description: anyText, parameters: fc.constant({ type: 'object' }) })

export default {
  'completion.create': fc.record(
    {
      model: word,
      messages: fc.array(message, { minLength: 1, maxLength: 5 }),
      maxTokens: optional(fc.integer({ min: 1, max: 100_000 })),
      temperature: optional(fc.double({ min: 0, max: 2, noNaN: true })),
      tools: optional(fc.array(tool, { minLength: 1, maxLength: 3 })),
      stream: fc.boolean(),
      native: optional(
        fc.record({ stop: fc.array(anyText, { minLength: 1, maxLength: 4 }), user: anyText }, { requiredKeys: [] }),
      ),
    },
    { requiredKeys: ['model', 'messages'] },
  ),
  'embedding.create': fc.record({
    model: word,
    input: fc.oneof(anyText, fc.array(anyText, { minLength: 1, maxLength: 5 })),
    dimensions: optional(fc.integer({ min: 1, max: 3072 })),
  }),
  'openai:response.create': fc.record({
    model: word,
    input: fc.oneof(
      anyText,
      fc.array(fc.record({ role: fc.constantFrom('user', 'system'), content: anyText }), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
    instructions: optional(anyText),
    maxTokens: optional(fc.integer({ min: 16, max: 100_000 })),
    tools: optional(fc.array(tool, { minLength: 1, maxLength: 3 })),
    stream: fc.boolean(),
  }),
  'openai:batch.create': fc.record({
    file: word,
    endpoint: fc.constantFrom('/v1/responses', '/v1/chat/completions', '/v1/embeddings'),
    metadata: optional(fc.dictionary(word, anyText, { maxKeys: 3 })),
  }),
} satisfies Record<string, fc.Arbitrary<object>>
