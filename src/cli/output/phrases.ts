// How quantities and names read in sentences: times, tags, money, marks of states.
import { formatAmount, formatUsd, microUsd } from '../../foundation/index.ts'

/** `18 ms`, `1.2 s`, `3 min`. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

/** How long something made now holds: `24 h`, `expired`. */
export const validityText = (expiresAt: string, now: number): string => {
  const left = Date.parse(expiresAt) - now
  return left <= 0 ? 'expired' : `valid ${spanText(left)}`
}

/** `03:40:12`, UTC: when a line of a watch came. */
export const clockText = (now: number): string => new Date(now).toISOString().slice(11, 19)

/** `3 h ago`. */
export const agoText = (at: string, now: number): string => `${spanText(Math.max(0, now - Date.parse(at)))} ago`

/** ` [env=sandbox]`, with the space; nothing without tags. */
export function tagText(tags: Record<string, string> | undefined): string {
  const entries = Object.entries(tags ?? {})
  return entries.length === 0 ? '' : ` [${entries.map(([key, value]) => `${key}=${value}`).join(', ')}]`
}

export const usdText = (usd: number): string => formatUsd(microUsd(usd))

export interface Movement {
  amount: number | null
  currency: string
  direction: 'in' | 'out'
}

/** `takes in GBP 25.00, pays out EUR 3.00`, added up per currency; undefined where nothing moves. */
export function movesText(moves: readonly (Movement | undefined)[]): string | undefined {
  const words = (['in', 'out'] as const).flatMap((direction) => {
    const those = moves.flatMap((move) => (move?.direction === direction ? [move] : []))
    const currencies = [...new Set(those.map(({ currency }) => currency))]
    return currencies.map((currency) => {
      const amounts = those.filter((move) => move.currency === currency).map(({ amount }) => amount)
      return `${direction === 'in' ? 'takes in' : 'pays out'} ${sumText(amounts, currency)}`
    })
  })
  return words.length === 0 ? undefined : words.join(', ')
}

function sumText(amounts: readonly (number | null)[], currency: string): string {
  const known = amounts.filter((amount) => amount !== null)
  const sum = formatAmount(
    known.reduce((total, amount) => total + amount, 0),
    currency,
  )
  if (known.length === amounts.length) return sum
  return known.length === 0 ? `${currency} (known later)` : `${sum} and more (known later)`
}

/** `cost ≈ $0.73`, `cost free`, `cost unknown`; with the maximum where that is more. */
export function costText(estimateUsd: number | null, maxUsd: number | null): string {
  if (estimateUsd === null) return maxUsd === null ? 'cost unknown' : `cost at most ${usdText(maxUsd)}`
  if (estimateUsd === 0 && maxUsd === 0) return 'free of cost'
  const most = maxUsd === null ? ', no known maximum' : maxUsd > estimateUsd ? `, at most ${usdText(maxUsd)}` : ''
  return `cost ≈ ${usdText(estimateUsd)}${most}`
}

/** `1 step`, `3 steps`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** `812 B`, `14 KiB`, `1.2 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  if (bytes < 1_048_576) return `${Math.round(bytes / 1_024)} KiB`
  return `${(bytes / 1_048_576).toFixed(1)} MiB`
}

/** `95 %`, `99.9 %`; never rounded up to everything. */
export function percentText(share: number): string {
  const percent = share * 100
  return `${share < 1 ? Math.min(99.99, Number(percent.toFixed(2))) : Number(percent.toFixed(2))} %`
}

/** `1,234,567`. */
export const groupedText = (count: number): string => Math.round(count).toLocaleString('en-US')
