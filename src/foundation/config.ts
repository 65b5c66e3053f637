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

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `500ms`, `30s`, `2m`, `24h`, `7d`; milliseconds inside. */
const duration = z
  .string()
  .regex(/^[1-9]\d{0,8}(ms|s|m|h|d)$/, 'expected a duration, as in "30s" or "24h"')
  .transform((text) => Number.parseInt(text, 10) * UNITS[text.replace(/^\d+/, '') as keyof typeof UNITS]) // the pattern has them

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
    coordinator: z
      .strictObject({
        lease: duration
          .refine((ms) => ms >= 50 && ms <= UNITS.d, 'expected 50ms to 24h')
          .prefault('30s')
          .describe('How long a claim stands without a sign of its holder.'),
        claimWait: duration.prefault('5s').describe('How long a claim waits for a task.'),
        pushWait: duration.prefault('10s').describe('How long adding waits while there are too many unfinished tasks.'),
        maxUnfinished: z.int().min(1).default(1_000_000).describe('Unfinished tasks at most.'),
        minMatch: z
          .number()
          .min(0)
          .max(1)
          .default(0.7)
          .describe("The share of a task's needs that a worker must cover."),
        witness: z
          .enum(['none', 'ends', 'all'])
          .default('ends')
          .describe('What the log is told of tasks: nothing, what ends or stops one, or every move.'),
        keepEnded: z.int().min(0).default(100_000).describe('Done and failed tasks kept at most.'),
        keepEndedFor: duration.prefault('24h').describe('How long they are kept.'),
      })
      .prefault({})
      .describe('Tasks of swarms.'),
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
