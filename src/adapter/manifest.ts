// The manifest: what a provider may do, generated from its definition and signed. Guard, governor and egress read
// effect, labels, hosts and scopes from here and nowhere else.
import { z } from 'zod'
import { EFFECTS } from './definition.ts'

const route = z.strictObject({
  transport: z.enum(['http', 'websocket']).default('http'),
  method: z.string(),
  /** Origin; may hold `{setting}`. */
  host: z.string(),
  /** Whole path template with the base's prefix. */
  path: z.string(),
})

export const manifestSchema = z.strictObject({
  id: z.string().regex(/^if:\/\/capability\/[a-z0-9-]+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** The definition that it was generated from: `providers/chat/slack`. */
  entrypoint: z.string(),
  requires_secrets: z.array(z.string()),
  scopes: z.array(z.string()),
  /** Every origin that may be reached. */
  hosts: z.array(z.string()),
  /** Where access tokens are asked for. */
  grants: z.array(route).optional(),
  /** Where keys that prove webhooks are fetched, and subscriptions to them confirmed. */
  hooks: z.array(route).optional(),
  operations: z.record(
    z.string(),
    z.strictObject({
      effect: z.enum(EFFECTS),
      reads: z.enum(['public', 'private']),
      returns: z.enum(['trusted', 'untrusted']),
      sends: z.enum(['none', 'external']),
      ...route.shape,
      /** Further routes, where the input decides between several. */
      also: z.array(route).optional(),
    }),
  ),
  limits: z.strictObject({ rps: z.number(), burst: z.number(), backoff: z.array(z.number()) }),
  signature: z
    .strictObject({ algorithm: z.literal('ed25519'), pubkey: z.string(), sig: z.string() })
    .optional()
    .describe('Over the RFC 8785 form of all else; key and signature in base64.'),
})

export type Manifest = z.output<typeof manifestSchema>
