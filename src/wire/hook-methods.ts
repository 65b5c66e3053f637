// Methods about what vendors have sent. A part of the table of methods. Whoever reads takes strangers' words into its session.
import { z } from 'zod'
import { options, reference, text } from './method.ts'

const READ = { scopes: ['read'], repeats: true } as const
const filter = { instance: reference.optional(), type: text.optional() }

export const HOOK_METHODS = {
  hookEvents: {
    ...READ,
    args: z.tuple([
      options({ ...filter, sinceMs: z.number().optional(), limit: z.int().min(0).max(10_000).optional() }),
    ]),
  },
  hookEvent: { ...READ, args: z.tuple([reference]) },
  watchHookEvents: {
    ...READ,
    args: z.tuple([options({ ...filter, after: reference.optional() })]),
    options: 0,
    aborts: ['signal'],
    streams: true,
    limitMs: null,
  },
  hookAddresses: { ...READ, args: z.tuple([reference.optional()]) },
} as const
