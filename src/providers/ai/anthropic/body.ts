// The body of a message that is asked for, with the parameters of Anthropic's own that pass.
import { type CompletionInput, type JsonObject, knownExtras, unsupported } from '../../../adapter/index.ts'
import { conversation, DEFAULT_MAX_TOKENS } from './messages.ts'

// What changes the price (speed, inference_geo), runs at Anthropic (container, server tools) or says what the standard
// input says is left out. Sampling (temperature, top_p, top_k) is refused by this version of the API.
const MESSAGE_EXTRAS = [
  'cache_control',
  'metadata',
  'output_config',
  'service_tier',
  'stop_sequences',
  'thinking',
  'tool_choice',
]

export function completionBody(input: CompletionInput): Record<string, unknown> {
  const known = knownExtras(input.native, MESSAGE_EXTRAS)
  const cache = known.cache_control as JsonObject | undefined
  if (cache?.ttl !== undefined && cache.ttl !== '5m') {
    throw unsupported(
      `native.cache_control.ttl: ${JSON.stringify(cache.ttl)} is written at another price than is reckoned here`,
      'Leave it out, or use 5m.',
    )
  }
  return {
    ...known,
    ...conversation(input),
    max_tokens: input.maxTokens ?? DEFAULT_MAX_TOKENS,
    ...(input.stream ? { stream: true } : {}),
  }
}
