// Answers of OpenAI, whole as its description has them. Examples and the twin are made from the same shapes.
import type { JsonObject, JsonValue } from '../../../adapter/index.ts'

const CREATED = 1_764_064_800

export const chatUsage = (input: number, output: number, cached = 0): JsonObject => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0, cache_write_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
})

export const chat = (message: JsonObject, changes: JsonObject = {}, finish = 'stop'): JsonObject => ({
  id: 'chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG',
  object: 'chat.completion',
  created: CREATED,
  model: 'gpt-5-mini-2025-08-07',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, refusal: null, annotations: [], ...message },
      logprobs: null,
      finish_reason: finish,
    },
  ],
  usage: chatUsage(19, 10),
  service_tier: 'default',
  system_fingerprint: 'fp_44709d6fcb',
  ...changes,
})

export const chunk = (delta: JsonObject, finish: string | null = null, changes: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG',
  object: 'chat.completion.chunk',
  created: CREATED,
  model: 'gpt-5-mini-2025-08-07',
  service_tier: 'default',
  system_fingerprint: 'fp_44709d6fcb',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  usage: null,
  ...changes,
})

/** A data-only event, as a reader gets it. */
export const dataEvent = (json: JsonObject) => ({ event: '', data: JSON.stringify(json), json })

export const functionCall = (id: string, name: string, args: JsonValue): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(args) },
})

export const responseUsage = (input: number, output: number): JsonObject => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
})

export const outputMessage = (text: string): JsonObject => ({
  id: 'msg_67ccd2bf17f0819081ff3bb2cf6508e6',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
})

export const response = (changes: JsonObject = {}): JsonObject => ({
  id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
  object: 'response',
  created_at: CREATED,
  status: 'completed',
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model: 'gpt-5-mini-2025-08-07',
  output: [outputMessage('Two microphones are live.')],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: 'default',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  usage: responseUsage(36, 8),
  metadata: {},
  ...changes,
})

/** As it is before it is done: without output and usage. */
export function unfinished(whole: JsonObject, status: string): JsonObject {
  const { usage: _usage, ...begun } = whole
  return { ...begun, status, output: [], incomplete_details: null }
}

export const file = (changes: JsonObject = {}): JsonObject => ({
  id: 'file-XjGxS3KTG0uNmNOK362iJua3',
  object: 'file',
  bytes: 120,
  created_at: CREATED,
  expires_at: CREATED + 2_592_000,
  filename: 'requests.jsonl',
  purpose: 'batch',
  status: 'processed',
  ...changes,
})

export const batch = (changes: JsonObject = {}): JsonObject => ({
  id: 'batch_abc123',
  object: 'batch',
  endpoint: '/v1/chat/completions',
  input_file_id: 'file-XjGxS3KTG0uNmNOK362iJua3',
  completion_window: '24h',
  status: 'validating',
  created_at: CREATED,
  expires_at: CREATED + 86_400,
  request_counts: { total: 0, completed: 0, failed: 0 },
  metadata: {},
  ...changes,
})

export const model = (id: string, created = 1_754_425_777): JsonObject => ({
  id,
  object: 'model',
  created,
  owned_by: 'system',
})

const CATEGORIES = [
  'hate',
  'hate/threatening',
  'harassment',
  'harassment/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
]

const byCategory = (value: (category: string) => JsonValue): JsonObject =>
  Object.fromEntries(CATEGORIES.map((category) => [category, value(category)]))

/** One judgement; the named categories are those that it finds. */
export const judgement = (found: readonly string[] = []): JsonObject => ({
  flagged: found.length > 0,
  categories: byCategory((category) => found.includes(category)),
  category_scores: byCategory((category) => (found.includes(category) ? 0.93 : 0.0001)),
  category_applied_input_types: byCategory(() => ['text']),
})
