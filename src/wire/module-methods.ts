// Methods about modules and keys that a daemon performs for others. A part of the table of methods.
import { z } from 'zod'
import { GUEST_EXPORTS } from '../chassis/index.ts'
import { options, reference, text } from './method.ts'

const READ = { scopes: ['read'], repeats: true } as const
const ADMIN = { scopes: ['admin'], repeats: false } as const

const moduleFile = z.strictObject({ name: text, base64: z.base64() })
const grant = z.strictObject({
  instance: reference,
  operations: z.array(text).max(64),
  endpoints: z.array(text).max(64).optional(),
})

export const MODULE_METHODS = {
  modules: { ...READ, args: z.tuple([]) },
  checkModule: { ...READ, args: z.tuple([moduleFile]) },
  loadModule: { ...ADMIN, args: z.tuple([moduleFile, options({ replace: z.boolean().optional() })]) },
  unloadModule: { ...ADMIN, args: z.tuple([reference]) },
  runModule: {
    scopes: ['actions'],
    repeats: false,
    begins: true,
    args: z.tuple([
      z.union([reference, moduleFile]),
      options({
        export: z.enum(GUEST_EXPORTS).optional(),
        input: z.json().optional(),
        grants: z.array(grant).max(64).optional(),
        claim: z.strictObject({ task: reference, token: z.int() }).optional(),
        timeoutMs: z.number().positive().optional(),
        fresh: z.boolean().optional(),
        why: text.optional(),
      }),
    ]),
    options: 1,
    aborts: ['signal'],
    limitMs: null,
  },
  performance: { ...READ, args: z.tuple([options({ name: text.optional() })]) },
  reputations: { ...READ, args: z.tuple([options({ name: text.optional() })]) },
  moduleResources: { ...READ, args: z.tuple([]) },
  credentials: { ...ADMIN, repeats: true, args: z.tuple([]) },
  revokeCredential: { ...ADMIN, args: z.tuple([reference]) },

  vaultKey: { ...ADMIN, repeats: true, args: z.tuple([]) },
  moveVaultKey: { ...ADMIN, limitMs: null, args: z.tuple([z.enum(['file', 'keyring'])]) },
  rotateVaultKey: { ...ADMIN, limitMs: null, args: z.tuple([]) },
} as const
