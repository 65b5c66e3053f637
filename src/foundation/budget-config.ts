// One row of `budgets` in `config.yaml`: a limit of what calls cost us, or of what payments carry out in one currency.
import { z } from 'zod'
import { currencyCode, currencyExponent, parseDecimal, parseUsd } from './money.ts'

/** What a budget can be narrowed to, or kept apart by. */
export const BUDGET_SCOPES = ['task', 'session', 'swarm', 'provider', 'instance', 'operation', 'actor'] as const
export type BudgetScope = (typeof BUDGET_SCOPES)[number]

const scope = z.enum(BUDGET_SCOPES)

export const budgetSchema = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
    kind: z
      .enum(['cost', 'outflow'])
      .default('cost')
      .describe('cost: what calls cost us, in USD. outflow: what payments carry out, in the currency of the limit.'),
    limit: z
      .string()
      .regex(/^\d+(\.\d{1,6})? ?[A-Za-z]{3}$/, 'expected a number and a currency, as in "0.50 USD"')
      .describe('"50 USD"; of an outflow any currency.'),
    per: z
      .enum(['call', 'hour', 'day', 'month', 'total'])
      .default('day')
      .describe('Each single call, calendar hour, day or month, or for good.'),
    timeZone: z
      .string()
      .refine(isTimeZone, 'expected an IANA time zone, as in "Europe/London"')
      .default('UTC')
      .describe('Where its hours, days and months begin.'),
    hard: z.boolean().default(true).describe('false: it warns and refuses nothing.'),
    warnAt: z
      .array(z.number().gt(0).lte(100))
      .default([75, 90])
      .describe('Percent of the limit at which a warning is given.'),
    of: z
      .partialRecord(scope, z.string().min(1))
      .default({})
      .describe('Only what fits: { swarm: support-desk, operation: "refund.*" }.'),
    each: z.array(scope).default([]).describe('One budget for each: [session] limits every session by itself.'),
  })
  .superRefine((row, context) => {
    const wrong = wrongLimit(row)
    if (wrong) context.addIssue({ code: 'custom', path: ['limit'], message: wrong })
  })
  .transform(({ limit, ...row }) => ({ ...row, ...limitOf(limit, row.kind) }))

/** Every home counts under this name what all actions of a month have cost; another one would share its record. */
const KEPT_NAME = 'spent'

/** Rows with a name each. */
export const budgetsSchema = z.array(budgetSchema).superRefine((budgets, context) => {
  const seen = new Set<string>()
  for (const [at, { name }] of budgets.entries()) {
    if (seen.has(name)) context.addIssue({ code: 'custom', path: [at, 'name'], message: `${name} names two budgets` })
    if (name === KEPT_NAME)
      context.addIssue({ code: 'custom', path: [at, 'name'], message: `${name} is a budget of the home already` })
    seen.add(name)
  }
})

function wrongLimit({ limit, kind }: { limit: string; kind: 'cost' | 'outflow' }): string | undefined {
  const { number, currency } = split(limit)
  if (kind === 'cost')
    return currency === 'USD' ? undefined : 'costs are in USD; for another currency say kind: outflow'
  try {
    parseDecimal(number, currencyExponent(currency))
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

/** Micro-USD of a cost, minor units of an outflow. */
function limitOf(text: string, kind: 'cost' | 'outflow'): { limit: number; currency: string } {
  const { number, currency } = split(text)
  if (kind === 'cost') return { limit: parseUsd(`${number} USD`), currency: 'USD' }
  return { limit: parseDecimal(number, currencyExponent(currency)), currency: currencyCode(currency) }
}

function split(text: string): { number: string; currency: string } {
  return { number: text.slice(0, -3).trim(), currency: text.slice(-3).toUpperCase() }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
