// How a definition reads what a vendor answers: through a schema, once, so that the rest of it can trust the shape.
import { z } from 'zod'
import type { IncomingResponse } from '../egress/index.ts'
import { FabricError, formatPath, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { jsonBody } from './json.ts'

/** The vendor's body as the schema has it; IF_ERR_BAD_RESPONSE names the place where it differs. */
export function readAs<S extends z.ZodType>(schema: S, body: JsonValue): z.output<S> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = formatPath(issue?.path ?? []) || 'the whole body'
  throw new FabricError(
    'IF_ERR_BAD_RESPONSE',
    `the answer of the provider is not as documented at ${place}: ${issue?.message}`,
    {
      hint: 'The provider may have changed its API; look for a newer InfraFabric.',
    },
  )
}

/** The JSON object in an answer, `{}` where it holds something else: for finding faults, not for results. */
export function objectIn(response: IncomingResponse): JsonObject {
  const value = jsonBody(response)
  // A proxy's page or an empty body: the status has to speak.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

/** `Retry-After` in seconds, as milliseconds. A date is left to the door, which has a clock. */
export function retryAfterMs(response: IncomingResponse): number | undefined {
  const seconds = /^\d+$/.exec(response.headers['retry-after']?.trim() ?? '')?.[0]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** Text of a JSON value, undefined where it is no text. */
export const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Times come as RFC 3339 with any offset; inside they are UTC with milliseconds. */
export const utcTime = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())
