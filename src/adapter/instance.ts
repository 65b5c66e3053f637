// An instance: a provider as somebody uses it, with its own name, settings, secrets and tags. Lives in
// `providers/<name>.yaml` of the home; secrets stand there only as references.
import { z } from 'zod'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const PROVIDER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(@\d+\.\d+\.\d+)?$/

export const secretReference = z
  .string()
  .regex(
    /^(vault|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'expected vault, env:VARIABLE or file:PATH, never the secret itself',
  )

export const instanceSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().regex(NAME).describe('What plans and commands call it.'),
    provider: z.string().regex(PROVIDER).describe('Id of the provider; of a module also id@1.2.0.'),
    tags: z.record(z.string(), z.string()).default({}).describe('Free labels, such as env: production.'),
    settings: z
      .record(z.string(), z.string())
      .default({})
      .describe('Values of the settings that the provider asks for.'),
    secrets: z
      .record(z.string(), secretReference)
      .default({})
      .describe('Where each secret is: vault, env:VARIABLE or file:PATH.'),
    privateNetwork: z
      .boolean()
      .default(false)
      .describe('Whether the provider may answer from a private or loopback address.'),
    twin: z
      .url()
      .regex(/^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/, 'a twin lives on a loopback address')
      .optional()
      .describe('Address of the twin that stands in for the provider.'),
    timeout: z
      .string()
      .regex(/^\d+(ms|s|m)$/)
      .default('30s')
      .describe('Of one call, all tries included.'),
  })
  .describe('One configured provider.')

export type Instance = z.output<typeof instanceSchema>
