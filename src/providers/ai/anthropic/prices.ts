// What Anthropic takes for its models, in US dollars per million tokens, at standard speed and in the default geography.
// Models that are not in it have an unknown cost.
import type { TokenPrices } from '../../../adapter/index.ts'

const OPUS = { input: 5, cached: 0.5, cacheWrite: 6.25, output: 25, context: 1_000_000 }
const OPUS_4 = { input: 15, cached: 1.5, cacheWrite: 18.75, output: 75, context: 200_000 }
const SONNET_4 = { input: 3, cached: 0.3, cacheWrite: 3.75, output: 15 }

export const PRICES: TokenPrices = {
  basis: 'prices of 2026-09-23 (npm @pydantic/genai-prices 0.1.8)',
  models: {
    // A read from the cache costs less of these two than of others.
    'claude-fable-5-1': { input: 10, cached: 0.25, cacheWrite: 12.5, output: 50, context: 1_000_000 },
    'claude-opus-5-5': { input: 4, cached: 0.2, cacheWrite: 5, output: 20, context: 1_000_000 },
    'claude-fable-5': { input: 10, cached: 1, cacheWrite: 12.5, output: 50, context: 1_000_000 },
    'claude-opus-5': OPUS,
    'claude-opus-4-8': OPUS,
    'claude-opus-4-7': OPUS,
    'claude-opus-4-6': OPUS,
    'claude-opus-4-5': { ...OPUS, context: 200_000 },
    'claude-opus-4-1': OPUS_4,
    'claude-opus-4': OPUS_4,
    'claude-opus-4-0': OPUS_4,
    'claude-sonnet-5': { input: 2, cached: 0.2, cacheWrite: 2.5, output: 10, context: 1_000_000 },
    'claude-sonnet-4-6': { ...SONNET_4, context: 1_000_000 },
    'claude-sonnet-4-5': { ...SONNET_4, context: 200_000 },
    'claude-sonnet-4': { ...SONNET_4, context: 200_000 },
    'claude-sonnet-4-0': { ...SONNET_4, context: 200_000 },
    'claude-haiku-4-5': { input: 1, cached: 0.1, cacheWrite: 1.25, output: 5, context: 200_000 },
  },
}
