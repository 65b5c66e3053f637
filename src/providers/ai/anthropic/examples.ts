// Answers of Anthropic, whole as its description and its client have them. Examples and the twin are made from the same
// shapes.
import type { JsonObject } from '../../../adapter/index.ts'

export const usage = (input: number, output: number, changes: JsonObject = {}): JsonObject => ({
  cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  inference_geo: 'global',
  input_tokens: input,
  output_tokens: output,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: 'standard',
  speed: 'standard',
  ...changes,
})

export const textBlock = (text: string): JsonObject => ({ type: 'text', text, citations: null })

export const toolUse = (id: string, name: string, input: JsonObject): JsonObject => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
})

export const message = (content: JsonObject[], changes: JsonObject = {}): JsonObject => ({
  id: 'msg_013Zva2CMHLNnXjNJJKqJ2EF',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5',
  container: null,
  content,
  diagnostics: null,
  stop_reason: 'end_turn',
  stop_sequence: null,
  stop_details: null,
  usage: usage(34, 12),
  ...changes,
})

/** The usage that a stream tells at its end. */
export const deltaUsage = (input: number, output: number): JsonObject => ({
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  input_tokens: input,
  output_tokens: output,
  output_tokens_details: null,
  server_tool_use: null,
})

/** An event under its own name, as a reader gets it. */
export const event = (json: JsonObject & { type: string }) => ({
  event: json.type,
  data: JSON.stringify(json),
  json,
})

export const model = (id: string, name: string): JsonObject => ({
  id,
  type: 'model',
  display_name: name,
  created_at: '2026-02-04T00:00:00Z',
  capabilities: null,
  deprecated_at: null,
  lifecycle: 'active',
  line: null,
  max_input_tokens: 1_000_000,
  max_tokens: 128_000,
  retires_at: null,
})

export const BATCH = 'msgbatch_013Zva2CMHLNnXjNJJKqJ2EF'

export const batch = (changes: JsonObject = {}): JsonObject => ({
  id: BATCH,
  type: 'message_batch',
  processing_status: 'in_progress',
  request_counts: { processing: 1, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
  created_at: '2026-11-25T10:00:00Z',
  expires_at: '2026-11-26T10:00:00Z',
  ended_at: null,
  archived_at: null,
  cancel_initiated_at: null,
  results_url: null,
  ...changes,
})

export const FILE = 'file_011CNha8iCJcU1wXNR6q4V8w'

export const file = (changes: JsonObject = {}): JsonObject => ({
  id: FILE,
  type: 'file',
  filename: 'rundown.txt',
  mime_type: 'text/plain',
  size_bytes: 21,
  created_at: '2026-11-25T10:00:00Z',
  downloadable: false,
  ...changes,
})
