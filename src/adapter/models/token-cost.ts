// What a call of a model costs: at most before it, exactly after it. Before, nobody counts tokens: a request is bounded
// by its bytes, since a token of text stands for one byte or more, or by the context window where bytes say nothing.
import type { Cost } from '../definition.ts'
import { findSentinels, sentinelNumber } from '../sentinels.ts'

/** US dollars per million tokens, with at most three decimals. */
export interface TokenRates {
  input: number
  output: number
  /** Input that was read from the vendor's cache. Default the price of input. */
  cached?: number
  /** Input that was written to it. Default the price of input. */
  cacheWrite?: number
}

export interface TokenPrice extends TokenRates {
  /** Tokens that a request and its answer may have together. */
  context?: number
  /** The prices of a whole request that has more input than `above`. */
  long?: TokenRates & { above: number }
}

export interface TokenPrices {
  /** Day of the prices, and where they are from: `prices of 2026-09-23 (npm …)`. */
  basis: string
  /** By model. A dated snapshot (`-2026-03-05`, `-20260305`) costs what its model costs, unless it is named itself. */
  models: Readonly<Record<string, TokenPrice>>
}

export interface TokenUsage {
  /** All input, what the cache had or got included. */
  inputTokens: number
  outputTokens: number
  cachedTokens?: number | undefined
  cacheWriteTokens?: number | undefined
}

/** What it cost by its usage; undefined for a model without a known price, or where no usage was told. */
export function tokenCost(prices: TokenPrices, model: string, usage: TokenUsage): Cost | undefined {
  const price = priceOf(prices, model)
  if (!price || usage.inputTokens + usage.outputTokens === 0) return undefined
  const microUsd = costOf(price, usage)
  return { kind: 'priced', estimateMicroUsd: microUsd, maxMicroUsd: microUsd, basis: `by its usage, ${prices.basis}` }
}

export interface BoundedCall {
  model: string
  /** The body that is sent. */
  body: unknown
  /** Most that it may write; undefined where nothing bounds it. */
  maxOutputTokens: number | undefined
  /** Parts whose bytes say nothing of their tokens: images, what the vendor has stored. */
  opaque?: boolean
}

/** Vendors wrap instructions of their own around tools; no price list has their tokens as an exact figure. */
const WRAPPING_TOKENS = 1024

/** English has about four bytes a token. */
const USUAL_BYTES = 4

/** What a call may cost at most, and roughly. */
export function boundedTokenCost(
  prices: TokenPrices,
  { model, body, maxOutputTokens, opaque = false }: BoundedCall,
): Cost {
  const price = priceOf(prices, model)
  if (!price) return unknown(`no price of ${model} is known; ${prices.basis}`)
  if (maxOutputTokens === undefined || sentinelNumber(maxOutputTokens) !== undefined) {
    return unknown('nothing bounds what the model writes: give maxTokens')
  }
  const text = JSON.stringify(body)
  const bytes = Buffer.byteLength(text)
  const isOpaque = opaque || findSentinels(text).length > 0
  const counted = isOpaque ? undefined : bytes + WRAPPING_TOKENS
  const inputTokens = Math.min(counted ?? Number.POSITIVE_INFINITY, price.context ?? Number.POSITIVE_INFINITY)
  if (!Number.isFinite(inputTokens)) return unknown(`how much ${model} reads is known only when it has read it`)
  const usual = Math.min(inputTokens, Math.ceil(bytes / USUAL_BYTES))
  return {
    kind: 'priced',
    estimateMicroUsd: costOf(price, { inputTokens: usual, outputTokens: maxOutputTokens }),
    maxMicroUsd: costOf(dearest(price), { inputTokens, outputTokens: maxOutputTokens }),
    basis: `at most ${inputTokens} tokens read (${isOpaque ? 'the context window' : 'one a byte'}) and ${maxOutputTokens} written, ${prices.basis}`,
  }
}

const unknown = (why: string): Cost => ({ kind: 'unknown', why })

function priceOf({ models }: TokenPrices, model: string): TokenPrice | undefined {
  const named = Object.hasOwn(models, model) ? models[model] : undefined
  if (named) return named
  const undated = model.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, '')
  return Object.hasOwn(models, undated) ? models[undated] : undefined
}

/** As if all input were charged at the dearest of its prices. */
function dearest(price: TokenPrice): TokenPrice {
  const raised = <R extends TokenRates>(rates: R): R => ({
    ...rates,
    input: Math.max(rates.input, rates.cacheWrite ?? 0),
  })
  return { ...raised(price), ...(price.long ? { long: raised(price.long) } : {}) }
}

/** Micro-USD, rounded up. */
function costOf(price: TokenPrice, usage: TokenUsage): number {
  const { inputTokens, outputTokens, cachedTokens = 0, cacheWriteTokens = 0 } = usage
  const rates = price.long && inputTokens > price.long.above ? price.long : price
  const plain = Math.max(0, inputTokens - cachedTokens - cacheWriteTokens)
  const nanoUsd =
    nano(rates.input) * BigInt(plain) +
    nano(rates.cached ?? rates.input) * BigInt(cachedTokens) +
    nano(rates.cacheWrite ?? rates.input) * BigInt(cacheWriteTokens) +
    nano(rates.output) * BigInt(outputTokens)
  return Number((nanoUsd + 999n) / 1000n)
}

/** A dollar a million tokens is a millionth of a dollar a token: with three decimals, thousandths of that are whole. */
const nano = (usdPerMillion: number): bigint => BigInt(Math.round(usdPerMillion * 1000))
