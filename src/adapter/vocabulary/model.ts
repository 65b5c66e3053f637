// Families completion, embedding, model, prediction: what models do.
import { z } from 'zod'
import { extras, id, limit, status } from './shapes.ts'

const tokens = z.int().min(0)

const usage = z.object({
  inputTokens: tokens.describe('All that was read, cached ones included.'),
  outputTokens: tokens,
  cachedTokens: tokens.optional().describe('Of the input, read from the cache.'),
  cacheWriteTokens: tokens.optional().describe('Of the input, written to the cache.'),
})

const toolCall = z.object({
  id,
  name: z.string().min(1),
  arguments: z.record(z.string(), z.json()).describe('As the schema of the tool has them.'),
})

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('image'),
    url: z.url({ protocol: /^https$/ }).optional(),
    base64: z.base64().optional(),
    contentType: z.string().max(100).optional().describe('Of base64: image/png.'),
  }),
])

const messages = z
  .array(
    z.discriminatedUnion('role', [
      z.strictObject({ role: z.literal('system'), content: z.string() }),
      z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(part).min(1)]) }),
      z.strictObject({
        role: z.literal('assistant'),
        content: z.string().default(''),
        toolCalls: z.array(toolCall).optional(),
      }),
      z.strictObject({ role: z.literal('tool'), toolCallId: id, content: z.string() }),
    ]),
  )
  .min(1)
  .describe('The conversation so far, oldest first.')

const tool = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  description: z.string().max(4000).optional(),
  parameters: z.record(z.string(), z.json()).default({ type: 'object' }).describe('JSON Schema of its arguments.'),
})

export const completion = {
  'completion.create': {
    summary: 'Have a model answer.',
    input: z.strictObject({
      model: id,
      messages,
      maxTokens: z.int().min(1).max(1_000_000).optional().describe('Most it may write; bounds what it costs.'),
      temperature: z.number().min(0).max(2).optional(),
      tools: z.array(tool).max(128).optional().describe('What it may ask to be called.'),
      stream: z.boolean().default(false).describe('Hand out the answer while it is being written.'),
      native: extras,
    }),
    result: z.object({
      text: z.string(),
      toolCalls: z.array(toolCall).optional(),
      finishReason: z
        .enum(['stop', 'length', 'tool_calls', 'refused', 'aborted', 'other'])
        .describe('aborted: the stream ended early.'),
      usage,
    }),
  },
} as const

export const embedding = {
  'embedding.create': {
    summary: 'Turn texts into vectors.',
    input: z.strictObject({
      model: id,
      input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)]),
      dimensions: z.int().min(1).max(65_536).optional(),
      native: extras,
    }),
    result: z.object({ embeddings: z.array(z.array(z.number())), usage: usage.pick({ inputTokens: true }) }),
  },
} as const

export const model = {
  'model.list': {
    summary: 'List the models that the credential may use.',
    input: z.strictObject({ limit }),
    result: z.object({ models: z.array(z.object({ id, name: z.string().nullable() })) }),
  },
} as const

const predictionResult = z.object({ id, status, output: z.json().describe('Null until it is done.') })

export const prediction = {
  'prediction.create': {
    summary: 'Start a prediction of a model.',
    input: z.strictObject({ model: id, input: z.record(z.string(), z.json()), native: extras }),
    result: predictionResult,
  },
  'prediction.get': { summary: 'Read a prediction.', input: z.strictObject({ id }), result: predictionResult },
} as const
