// What OpenAI takes for chat and embeddings, in US dollars per million tokens, at its standard tier (requests ask for
// that one). Models that are sold otherwise, fine-tuned ones and those of the past are not in it: their cost is unknown.
import type { TokenPrices, TokenRates } from '../../../adapter/index.ts'

/** From more input than this on, a whole request costs twice as much for input and 1.5 times for output. */
const long = (rates: TokenRates, above = 271_999) => ({
  ...rates,
  long: {
    above,
    input: rates.input * 2,
    output: rates.output * 1.5,
    ...(rates.cached === undefined ? {} : { cached: rates.cached * 2 }),
    ...(rates.cacheWrite === undefined ? {} : { cacheWrite: rates.cacheWrite * 2 }),
  },
})

const GPT_5 = { input: 1.25, cached: 0.125, output: 10, context: 400_000 }
const GPT_5_2 = { input: 1.75, cached: 0.175, output: 14, context: 400_000 }
const GPT_5_5 = { ...long({ input: 5, cached: 0.5, output: 30 }), context: 1_000_000 }
const GPT_5_6_SOL = { ...long({ input: 4, cached: 0.4, cacheWrite: 5, output: 20 }), context: 1_050_000 }
const GPT_4_TURBO = { input: 10, output: 30, context: 128_000 }

export const PRICES: TokenPrices = {
  basis: 'prices of 2026-09-23 (npm @pydantic/genai-prices 0.1.8)',
  models: {
    'gpt-6-astra': { ...long({ input: 10, cached: 1, cacheWrite: 12.5, output: 50 }), context: 1_050_000 },
    'gpt-6-sol': { ...long({ input: 2, cached: 0.2, cacheWrite: 2.5, output: 10 }, 272_000), context: 1_050_000 },
    'gpt-6-luna': {
      ...long({ input: 0.1, cached: 0.01, cacheWrite: 0.125, output: 0.5 }, 272_000),
      context: 1_050_000,
    },
    'gpt-5.6': GPT_5_6_SOL,
    'gpt-5.6-sol': GPT_5_6_SOL,
    'gpt-5.6-terra': { ...long({ input: 2, cached: 0.2, cacheWrite: 2.5, output: 12 }), context: 1_050_000 },
    'gpt-5.6-luna': { ...long({ input: 0.2, cached: 0.02, cacheWrite: 0.25, output: 1.2 }), context: 1_050_000 },
    'gpt-5.5': GPT_5_5,
    'gpt-5.5-chat-latest': GPT_5_5,
    'gpt-5.5-codex': GPT_5_5,
    'gpt-5.5-pro': { ...long({ input: 30, output: 180 }), context: 1_000_000 },
    'gpt-5.4': { ...long({ input: 2.5, cached: 0.25, output: 15 }), context: 1_050_000 },
    'gpt-5.4-mini': { input: 0.75, cached: 0.075, output: 4.5, context: 400_000 },
    'gpt-5.4-nano': { input: 0.2, cached: 0.02, output: 1.25, context: 400_000 },
    'gpt-5.4-pro': { ...long({ input: 30, output: 180 }), context: 1_050_000 },
    'gpt-5.3-chat-latest': { ...GPT_5_2, context: 128_000 },
    'gpt-5.3-codex': GPT_5_2,
    'gpt-5.2': GPT_5_2,
    'gpt-5.2-chat-latest': GPT_5_2,
    'gpt-5.2-codex': GPT_5_2,
    'gpt-5.2-pro': { input: 21, output: 168, context: 400_000 },
    'gpt-5.1': GPT_5,
    'gpt-5.1-chat-latest': GPT_5,
    'gpt-5.1-codex': GPT_5,
    'gpt-5.1-codex-max': GPT_5,
    'gpt-5.1-codex-mini': { input: 0.25, cached: 0.025, output: 2, context: 400_000 },
    'gpt-5': GPT_5,
    'gpt-5-chat-latest': GPT_5,
    'gpt-5-codex': GPT_5,
    'gpt-5-mini': { input: 0.25, cached: 0.025, output: 2, context: 400_000 },
    'gpt-5-nano': { input: 0.05, cached: 0.005, output: 0.4, context: 400_000 },
    'gpt-5-pro': { input: 15, output: 120, context: 400_000 },
    'gpt-4.1': { input: 2, cached: 0.5, output: 8, context: 1_000_000 },
    'gpt-4.1-mini': { input: 0.4, cached: 0.1, output: 1.6, context: 1_000_000 },
    'gpt-4.1-nano': { input: 0.1, cached: 0.025, output: 0.4, context: 1_000_000 },
    'gpt-4o': { input: 2.5, cached: 1.25, output: 10, context: 128_000 },
    'gpt-4o-2024-05-13': { input: 5, output: 15, context: 128_000 },
    'gpt-4o-mini': { input: 0.15, cached: 0.075, output: 0.6, context: 128_000 },
    'gpt-4-turbo': GPT_4_TURBO,
    'gpt-4': { input: 30, output: 60, context: 8_192 },
    'gpt-3.5-turbo': { input: 0.5, output: 1.5, context: 16_385 },
    'gpt-3.5-turbo-1106': { input: 1, output: 2, context: 16_385 },
    o1: { input: 15, cached: 7.5, output: 60, context: 200_000 },
    'o1-pro': { input: 150, output: 600, context: 200_000 },
    o3: { input: 2, cached: 0.5, output: 8, context: 200_000 },
    'o3-mini': { input: 1.1, cached: 0.55, output: 4.4, context: 200_000 },
    'o3-pro': { input: 20, output: 80, context: 200_000 },
    'o4-mini': { input: 1.1, cached: 0.275, output: 4.4, context: 200_000 },
    // One input has at most 8192 tokens, but a request takes many of them: no context bounds it.
    'text-embedding-3-large': { input: 0.13, output: 0 },
    'text-embedding-3-small': { input: 0.02, output: 0 },
    'text-embedding-ada-002': { input: 0.1, output: 0 },
  },
}
