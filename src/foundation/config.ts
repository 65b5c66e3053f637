// `config.yaml` of the home: policy, budgets, approvers, log level. Absent means defaults; a wrong line is refused, never guessed.
import { z } from 'zod'
import { budgetsSchema } from './budget-config.ts'
import { duration, UNITS } from './config-values.ts'
import { readDocument } from './document.ts'
import { isFabricError } from './errors.ts'
import { LOG_LEVELS } from './telemetry.ts'

const decision = z.enum(['allow', 'ask', 'deny'])

const person = z.string().startsWith('if://person/', 'expected an address such as if://person/ana')

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
        shipped: z
          .boolean()
          .default(true)
          .describe('Whether the policies that come with InfraFabric hold beside those of the home.'),
      })
      .prefault({}),
    approvers: z
      .array(person)
      .optional()
      .describe('Who may approve, and then never their own plans. Default: every person, as on a home of one.'),
    approverGroups: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/), z.array(person).min(1))
      .default({})
      .describe('Groups that a policy may name: @ask("2 of finance").'),
    budgets: budgetsSchema
      .default([])
      .describe('Limits: an action whose greatest cost does not fit a hard one is refused.'),
    loops: z
      .strictObject({
        same: z.int().min(2).default(5).describe('So many times the same plan is taken for a loop.'),
        within: duration.prefault('10m'),
      })
      .prefault({})
      .describe('When repeating oneself asks for an approval.'),
    breaker: z
      .strictObject({
        failures: z.int().min(1).default(5).describe('Failures in a row that open the breaker of an instance.'),
        open: duration.prefault('60s').describe('How long it stays open before one call may try again.'),
      })
      .prefault({})
      .describe('Circuit breakers of instances.'),
    rateLimits: z
      .array(
        z.strictObject({
          swarm: z.string().min(1).describe('Name of the swarm; `*` stands for any run of characters.'),
          rps: z.number().positive().describe('Calls a second in the long run.'),
          burst: z.number().min(1).describe('Calls at once after a rest.'),
        }),
      )
      .default([])
      .describe(
        'How often swarms may call providers, on top of what each provider allows: the first that fits counts.',
      ),
    governor: z
      .strictObject({
        profile: z
          .enum(['default', 'production', 'development'])
          .default('default')
          .describe('Limits of the governor where policies/resource-policy.yaml does not say them.'),
        estimatedHours: z
          .number()
          .gt(0)
          .lte(8_760)
          .default(1)
          .describe('How long a helper is taken to work, where nobody says it.'),
      })
      .prefault({}),
    escalation: z
      .strictObject({
        inviteFor: duration.prefault('5m').describe('How long helpers may think about an invitation.'),
        after: duration.prefault('15m').describe('How long a blocker may stay unanswered before a person is told.'),
        remindEvery: duration.prefault('15m').describe('How often a person is reminded until somebody acknowledges.'),
        channels: z
          .array(
            z.union([
              z.strictObject({
                instance: z.string().describe('An instance that has message.send.'),
                to: z.string().describe('Channel, chat or address, as the provider wants it.'),
              }),
              z.strictObject({
                webhook: z.url({ protocol: /^https?$/ }).describe('Receives a JSON document by POST.'),
              }),
            ]),
          )
          .default([])
          .describe('Where people are told.'),
      })
      .prefault({})
      .describe('What happens with a task that is stuck.'),
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
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'Address under which vendors reach the daemon, through a proxy or tunnel: webhooks come to /hooks/NAME.',
      ),
    hooks: z
      .strictObject({
        keepFor: duration
          .prefault('7d')
          .describe('How long events are kept; a vendor that repeats one later brings it a second time.'),
      })
      .prefault({})
      .describe('What vendors send by themselves.'),
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
