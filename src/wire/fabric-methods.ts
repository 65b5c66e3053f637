// The methods of a fabric that a daemon performs for others: arguments, scope, what may be said twice. Server and client both
// read this table; what doesn't stand here can't be called from outside.
import { z } from 'zod'
import type { Fabric } from '../fabric/index.ts'
import { HOOK_METHODS } from './hook-methods.ts'
import { type Method, object, options, reference, text } from './method.ts'
import { MODULE_METHODS } from './module-methods.ts'

/** Of the fabric's methods those that work across a connection. A stream is a plan and an apply. */
export type RemoteFabricMethod = Exclude<
  { [K in keyof Fabric]-?: Fabric[K] extends (...args: never[]) => unknown ? K : never }[keyof Fabric],
  'coordinator' | 'serveTwins' | 'stream' | 'close'
>

const planOptions = { why: text.optional(), onBehalfOf: text.optional() }
const intent = z.strictObject({ instance: reference, operation: reference, input: object })
const secret = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('env'), variable: text }),
  z.strictObject({ kind: z.literal('file'), path: text }),
  z.strictObject({ kind: z.literal('value'), value: z.string() }),
])
const applyOptions = {
  why: text.optional(),
  claim: z.strictObject({ task: reference, token: z.int() }).optional(),
  timeoutMs: z.number().positive().optional(),
  parallelism: z.int().positive().optional(),
  waitForApproval: z.union([z.boolean(), z.strictObject({ timeoutMs: z.number().positive() })]).optional(),
  dryRun: z.boolean().optional(),
}
/** A plan is known to the daemon, so that its name is enough and nobody can hand in another one. */
const planName = z.strictObject({ id: reference, digest: z.string().regex(/^[0-9a-f]{64}$/, 'expected a digest') })

const because = z.strictObject({ why: text })
const freezeTarget = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ swarm: reference }),
  z.strictObject({ instance: reference }),
])

/** A person's word that lifts or sets a limit for others. */
const GOVERN = { scopes: ['approval:grant', 'admin'], repeats: false } as const
const READ = { scopes: ['read'], repeats: true } as const
const ADMIN = { scopes: ['admin'], repeats: false } as const
const ACT = { scopes: ['actions'], repeats: false, begins: true } as const
/** What asks a provider takes as long as that takes. */
const AT_PROVIDER = { limitMs: null, aborts: ['signal'] } as const
const RUN = {
  ...ACT,
  options: 1,
  aborts: ['signal', 'stop'],
  callbacks: { onEvent: 'tell', onPiece: 'ask', approve: 'ask' },
  callbackScopes: { approve: 'approval:grant' },
  limitMs: null,
} as const

export const FABRIC_METHODS = {
  providers: { ...READ, args: z.tuple([]) },
  provider: { ...READ, args: z.tuple([reference]) },
  instances: { ...READ, args: z.tuple([]) },
  instance: { ...READ, args: z.tuple([reference]) },
  addInstance: { ...ADMIN, args: z.tuple([object]) },
  removeInstance: { ...ADMIN, args: z.tuple([reference]) },
  testInstance: { ...ACT, ...AT_PROVIDER, args: z.tuple([reference, options({})]), options: 1 },
  connectInstance: {
    ...ADMIN,
    ...AT_PROVIDER,
    args: z.tuple([reference, options({ flow: z.enum(['code', 'device']).optional(), redirectUri: text.optional() })]),
    options: 1,
    callbacks: { ask: 'ask' },
  },
  setSecret: { ...ADMIN, args: z.tuple([reference, reference, secret]) },
  testSecret: { ...ADMIN, ...AT_PROVIDER, args: z.tuple([reference, reference, secret, options({})]), options: 3 },
  secrets: { ...ADMIN, repeats: true, args: z.tuple([reference.optional()]) },

  plan: { ...ACT, args: z.tuple([intent, options({ ...planOptions, stream: z.boolean().optional() })]), repeats: true },
  planPlaybook: {
    ...ACT,
    args: z.tuple([text, object, z.strictObject({ ...planOptions, text: z.string() })]),
    repeats: true,
  },
  readPlan: { ...READ, args: z.tuple([reference]) },
  importPlan: { ...ACT, args: z.tuple([object]), repeats: true },
  falsify: { ...ACT, ...AT_PROVIDER, args: z.tuple([planName, options({})]), options: 1, names: 'plan' },

  apply: { ...RUN, args: z.tuple([planName, options(applyOptions)]), names: 'plan' },
  resume: { ...RUN, args: z.tuple([reference, options(applyOptions)]) },
  undo: { ...RUN, args: z.tuple([reference, options(applyOptions)]) },
  settle: {
    ...ACT,
    args: z.tuple([
      reference,
      reference,
      z.enum(['done', 'not-done']),
      z.strictObject({ why: text, result: object.optional() }),
    ]),
  },
  cancel: { ...ACT, args: z.tuple([reference, options({ why: text.optional() })]) },
  runs: {
    ...READ,
    args: z.tuple([
      options({ state: text.optional(), sinceMs: z.number().optional(), limit: z.int().min(0).optional() }),
    ]),
  },
  run: { ...READ, args: z.tuple([reference]) },
  attempts: { ...READ, args: z.tuple([reference, reference]) },

  call: { ...ACT, ...AT_PROVIDER, args: z.tuple([intent, options(planOptions)]), options: 1 },
  watch: { ...ACT, ...AT_PROVIDER, args: z.tuple([intent, options(planOptions)]), options: 1, streams: true },

  approvals: { ...READ, args: z.tuple([]) },
  approval: { ...READ, args: z.tuple([reference]) },
  decideApproval: {
    scopes: ['approval:grant'],
    repeats: false,
    args: z.tuple([reference, z.enum(['grant', 'deny']), z.strictObject({ why: text.optional() })]),
  },
  budgets: { ...READ, args: z.tuple([]) },
  money: { ...READ, args: z.tuple([options({ task: text.optional() })]) },

  freeze: { ...GOVERN, repeats: true, args: z.tuple([freezeTarget, because]) },
  thaw: { ...GOVERN, args: z.tuple([freezeTarget, because]) },
  freezes: { ...READ, args: z.tuple([]) },
  breakers: { ...READ, args: z.tuple([]) },
  resetBreaker: {
    ...GOVERN,
    args: z.tuple([
      z.enum(['instance', 'swarm']),
      reference,
      z.strictObject({ why: text, budgetUsd: z.number().optional() }),
    ]),
  },
  registerSwarm: {
    scopes: ['tasks', 'admin'],
    repeats: true,
    args: z.tuple([object, options({ why: text.optional() })]),
  },
  removeSwarm: { ...ADMIN, args: z.tuple([reference, options({ why: text.optional() })]) },
  swarmProfiles: { ...READ, args: z.tuple([]) },
  findHelp: {
    ...READ,
    args: z.tuple([
      z.strictObject({
        needs: z.array(text).max(64),
        blockedSwarm: reference.optional(),
        hours: z.number().optional(),
        maxCostUsd: z.number().optional(),
        max: z.number().optional(),
        explain: z.boolean().optional(),
      }),
    ]),
  },
  escalations: { ...READ, args: z.tuple([options({ task: text.optional(), state: text.optional() })]) },
  acknowledgeEscalation: { ...GOVERN, repeats: true, args: z.tuple([reference, options({ why: text.optional() })]) },
  snoozeEscalation: {
    ...GOVERN,
    repeats: true,
    args: z.tuple([reference, z.strictObject({ until: text, why: text.optional() })]),
  },
  resolveEscalation: { ...GOVERN, args: z.tuple([reference, because]) },
  invites: {
    ...READ,
    args: z.tuple([options({ swarm: text.optional(), task: text.optional(), state: text.optional() })]),
  },
  answerInvite: {
    scopes: ['tasks'],
    repeats: true,
    args: z.tuple([reference, z.enum(['accept', 'decline']), options({ why: text.optional() })]),
  },
  touched: {
    ...READ,
    args: z.tuple([options({ session: text.optional(), swarm: text.optional() })]),
  },
  clearTouched: {
    ...GOVERN,
    args: z.tuple([z.union([z.strictObject({ session: reference }), z.strictObject({ swarm: reference })]), because]),
  },
  policies: { ...READ, args: z.tuple([]) },
  explainIntent: { ...ACT, repeats: true, args: z.tuple([intent, options(planOptions)]) },
  whatIfPolicy: {
    ...READ,
    args: z.tuple([z.strictObject({ name: reference, text: z.string().max(262_144) }), options({})]),
    options: 1,
    aborts: ['signal'],
    limitMs: null,
  },

  witnessEntries: {
    ...READ,
    args: z.tuple([
      options({
        from: z.int().optional(),
        limit: z.int().optional(),
        reverse: z.boolean().optional(),
        run: text.optional(),
      }),
    ]),
    streams: true,
  },
  verifyWitness: { ...READ, args: z.tuple([]), limitMs: null },

  createToken: {
    ...ADMIN,
    args: z.tuple([
      z.strictObject({
        actor: reference,
        scopes: z.array(z.string()).optional(),
        swarms: z.array(reference).max(1_000).optional(),
        ttlMs: z.number().optional(),
        note: text.optional(),
      }),
    ]),
  },
  tokens: { ...ADMIN, repeats: true, args: z.tuple([]) },
  revokeToken: { ...ADMIN, repeats: true, args: z.tuple([reference]) },

  ...HOOK_METHODS,
  ...MODULE_METHODS,

  doctor: { ...READ, args: z.tuple([]), limitMs: null },
} as const satisfies Record<RemoteFabricMethod, Method>
