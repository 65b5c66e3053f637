// Typed access to parsed flags; a flag of the wrong form is refused with what was expected.
import { FabricError } from '../foundation/index.ts'

/** The value of `--trace` and `--twin` where they stand without one. */
export const BARE = '<bare>'

export class Flags {
  readonly #values: Record<string, unknown>

  constructor(values: Record<string, unknown>) {
    this.#values = values
  }

  /** Whether a switch was given; `no-input` asks for `--no-input`. */
  has(name: string): boolean {
    if (name.startsWith('no-')) return this.#values[camelCase(name.slice(3))] === false
    return this.#values[camelCase(name)] === true
  }

  text(name: string): string | undefined {
    const value = this.#values[camelCase(name)]
    return typeof value === 'string' ? value : undefined
  }

  /** Every value of a repeatable flag. */
  all(name: string): string[] {
    const value = this.#values[camelCase(name)]
    return Array.isArray(value) ? value.map(String) : []
  }

  /** A whole number ≥ `least`. */
  count(name: string, least = 1): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text)
    throw wrong(name, text, `a whole number ≥ ${least}`)
  }

  /** A whole number between two others, both allowed. */
  integer(name: string, least: number, most: number): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw wrong(name, text, `a whole number from ${least} to ${most}`)
  }

  /** A number with decimals between two others, both allowed. */
  decimal(name: string, least: number, most: number): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw wrong(name, text, `a number from ${least} to ${most}`)
  }

  /** Dollars: `0.50`, `0.50 USD`. */
  usd(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const match = /^(\d{1,9}(?:\.\d{1,6})?)(?: ?USD)?$/.exec(text)
    if (match?.[1] !== undefined) return Number(match[1])
    throw wrong(name, text, 'dollars such as 20 or 0.50')
  }

  /** A moment as RFC 3339: `10m` from `now` (milliseconds), or a date with its offset. */
  moment(name: string, now: number): string | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (/^\d+(ms|s|m|h|d)$/.test(text)) return new Date(now + (this.duration(name) ?? 0)).toISOString()
    const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    if (isDate && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString()
    throw wrong(name, text, 'a time from now such as 10m, or a date such as 2026-12-01T08:00:00Z')
  }

  /** Milliseconds of `500ms`, `30s`, `5m`, `12h` or `7d`. */
  duration(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
    const unit = UNITS_MS[match?.[2] ?? '']
    if (match && unit !== undefined) return Number(match[1]) * unit
    throw wrong(name, text, 'a time such as 500ms, 30s, 5m, 12h or 7d')
  }

  /** `KEY=VALUE` of a repeatable flag; the same key twice is refused. */
  pairs(name: string): Record<string, string> {
    const pairs = new Map<string, string>()
    for (const text of this.all(name)) {
      const at = text.indexOf('=')
      // The text may be a secret that was put here by mistake, so it is not repeated.
      if (at < 1) throw new FabricError('IF_ERR_USAGE', `--${name} expects KEY=VALUE`)
      const key = text.slice(0, at)
      if (pairs.has(key)) throw new FabricError('IF_ERR_USAGE', `--${name} gives ${key} twice`)
      pairs.set(key, text.slice(at + 1))
    }
    return Object.fromEntries(pairs)
  }
}

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const camelCase = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

const wrong = (name: string, text: string, expected: string): FabricError =>
  // A bearer token that got into the wrong flag is not repeated.
  new FabricError(
    'IF_ERR_USAGE',
    `--${name} expects ${expected}, got ${text.startsWith('ifab_') ? 'a bearer token' : JSON.stringify(text)}`,
  )
