// The methods of the coordinator that a daemon performs for others. `worker` is a request that
// goes on as long as the worker: claims come as callbacks, their ends as requests of their own.
import { z } from 'zod'
import type { CoordinatorPort } from '../coordinator/index.ts'
import { type Method, object, options, reference, text } from './method.ts'

const task = reference
const token = z.int()
const holder = z.strictObject({ swarm: reference, worker: reference })
const names = z.array(reference).max(10_000)
const filter = z.strictObject({
  kinds: names.optional(),
  capabilities: names.optional(),
  swarms: names.optional(),
})
const milliseconds = z.number().min(0)
const asked = { actor: text.optional(), why: text.optional() }

const LOOK = { scopes: ['read', 'tasks'], repeats: true } as const
const WORK = { scopes: ['tasks'], repeats: true } as const
const EVENTS = { scopes: ['read'], repeats: false, limitMs: null, aborts: ['signal'], options: 0 } as const

/** What a worker over a connection says when it opens, the first time and after each loss of the connection. */
export const workerSchema = z.strictObject({
  swarm: reference,
  worker: reference,
  capabilities: names.exactOptional(),
  kinds: names.exactOptional(),
  swarms: names.exactOptional(),
  concurrency: z.int().min(1).max(10_000).exactOptional(),
  leaseMs: z.int().exactOptional(),
  /** Goes on with what this holder has claimed before. */
  adopts: z.boolean(),
  /** Claims that it knows, so that they aren't handed over again. */
  known: z.array(z.strictObject({ task, token })).max(20_000),
})

export type WorkerOpening = z.output<typeof workerSchema>

/** A claim that has ended without its worker: lost, or handed back as the daemon ends. */
export interface LostClaim {
  readonly task: string
  readonly token: number
  readonly code: 'IF_ERR_CLAIM_LOST' | 'IF_ERR_CANCELLED'
}

export const COORDINATOR_METHODS = {
  add: {
    scopes: ['tasks'],
    // One with an id of its own is repeated by the client, which looks whether it is there.
    repeats: false,
    begins: true,
    args: z.tuple([z.union([object, z.array(object).max(100_000)]), options({})]),
    options: 1,
    aborts: ['signal'],
  },
  get: { ...LOOK, args: z.tuple([task]) },
  payload: { ...LOOK, args: z.tuple([task]) },
  list: {
    ...LOOK,
    args: z.tuple([
      options({
        state: text.optional(),
        swarm: text.optional(),
        kind: text.optional(),
        idPart: text.optional(),
        newestFirst: z.boolean().optional(),
        limit: z.int().min(0).optional(),
      }),
    ]),
  },
  claim: {
    ...WORK,
    begins: true,
    args: z.tuple([
      holder,
      z.union([task, filter]).optional(),
      options({ leaseMs: milliseconds.optional(), waitMs: milliseconds.optional() }),
    ]),
    options: 2,
    aborts: ['signal'],
  },
  extend: { ...WORK, args: z.tuple([task, token, options({ leaseMs: milliseconds.optional() })]) },
  heartbeat: { ...WORK, args: z.tuple([holder]) },
  complete: { ...WORK, args: z.tuple([task, token, z.unknown().optional()]) },
  fail: {
    ...WORK,
    args: z.tuple([
      task,
      token,
      z.union([z.string(), z.strictObject({ code: text, message: z.string() })]),
      options({ mayRetry: z.boolean().optional() }),
    ]),
  },
  // The same word again finds the claim ended, which says nothing of who ended it.
  release: { ...WORK, repeats: false, args: z.tuple([task, token, options({ note: text.optional() })]) },
  handBack: { ...WORK, args: z.tuple([holder]) },
  block: { ...WORK, repeats: false, args: z.tuple([task, token, object]) },
  unblock: {
    ...WORK,
    repeats: false,
    actor: 1,
    args: z.tuple([task, options({ ...asked, context: z.unknown().optional() })]),
  },
  retry: { ...WORK, repeats: false, actor: 1, args: z.tuple([task, options(asked)]) },
  cancel: { ...WORK, repeats: false, actor: 1, args: z.tuple([task, options(asked)]) },
  isCurrent: { ...LOOK, args: z.tuple([task, token]) },
  watch: { ...EVENTS, args: z.tuple([options({})]), streams: true },
  blockers: { ...EVENTS, args: z.tuple([options({})]), streams: true },
  stats: { ...LOOK, scopes: ['read'], args: z.tuple([]) },
  probe: { ...LOOK, scopes: ['read'], args: z.tuple([]) },
  worker: {
    scopes: ['tasks'],
    repeats: false,
    begins: true,
    args: z.tuple([workerSchema]),
    aborts: ['stop'],
    callbacks: { opened: 'tell', claim: 'tell', lost: 'tell' },
    limitMs: null,
  },
} as const satisfies Record<keyof CoordinatorPort, Method>
