// `config.yaml` of the home: policy, budgets, approvers, log level. Absent means defaults; a wrong line is refused, never guessed.
import { z } from 'zod'
import { readDocument } from './document.ts'
import { isFabricError } from './errors.ts'
import { parseUsd } from './money.ts'
import { LOG_LEVELS } from './telemetry.ts'

const decision = z.enum(['allow', 'ask', 'deny'])

const usd = z
  .string()
  .regex(/^\d+(\.\d{1,6})? ?USD$/, 'expected a number and USD, as in "0.50 USD"')
  .transform(parseUsd)

export const configSchema = z
  .strictObject({
    version: z.literal(1),
    policy: z
      .strictObject({
        effects: z
          .partialRecord(z.enum(['read', 'create', 'update', 'delete', 'send', 'charge']), decision)
          .default({})
          .describe(
            'What happens with an effect where no other rule decides. Default: charge and delete ask, all else is allowed.',
          ),
        requireWhy: z
          .array(z.enum(['create', 'update', 'delete', 'send', 'charge']))
          .default([])
          .describe('Effects that need a reason (--why).'),
      })
      .prefault({}),
    approvers: z
      .array(z.string().startsWith('if://person/', 'expected an address such as if://person/ana'))
      .optional()
      .describe('Who may approve, and then never their own plans. Default: every person, as on a home of one.'),
    budgets: z
      .array(
        z.strictObject({
          name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
          limit: usd.describe('Of what the calls cost us: "50 USD".'),
          per: z.enum(['day', 'month', 'total']).default('day').describe('Calendar day or month in UTC, or for good.'),
        }),
      )
      .default([])
      .describe('Hard limits: an action whose greatest cost does not fit is refused.'),
    keepDays: z
      .int()
      .min(1)
      .default(30)
      .describe('How long runs that are over are kept; what the witness says of them stays.'),
    logLevel: z.enum(LOG_LEVELS).default('warn'),
  })
  .describe('Settings of one home.')

export type Config = z.output<typeof configSchema>

export const DEFAULT_CONFIG: Config = configSchema.parse({ version: 1 })

/** Reads `config.yaml`; the defaults where there is none. */
export async function readConfig(path: string): Promise<Config> {
  try {
    return (await readDocument(path, configSchema)).value
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return DEFAULT_CONFIG
    throw thrown
  }
}
