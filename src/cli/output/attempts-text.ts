// What was sent for a step, and how each try ended, as the fabric kept it (redacted).
import { z } from 'zod'
import type { JsonObject } from '../../foundation/index.ts'
import { spanText } from './phrases.ts'

const attemptLog = z.object({
  request: z.object({ method: z.string(), url: z.string(), bodyText: z.string().optional() }),
  attempts: z.array(
    z.object({
      number: z.number(),
      startedAt: z.string(),
      durationMs: z.number(),
      status: z.number().optional(),
      error: z.string().optional(),
      retry: z.object({ retry: z.boolean(), afterMs: z.number().optional(), reason: z.string().optional() }),
    }),
  ),
})

/** Rows of name and value. A log of another form, from another version, shows as the JSON it is. */
export function attemptRows(log: JsonObject | undefined): [string, string][] {
  if (!log) return []
  const parsed = attemptLog.safeParse(log)
  if (!parsed.success) return [['tries', JSON.stringify(log)]]
  const { request, attempts } = parsed.data
  return [
    ['sent', `${request.method} ${request.url}`],
    ...(request.bodyText ? [['', request.bodyText] as [string, string]] : []),
    ...attempts.map(({ number, startedAt, durationMs, status, error, retry }): [string, string] => [
      `try ${number}`,
      [
        startedAt,
        spanText(durationMs),
        status === undefined ? (error ?? 'no answer') : `answered ${status}`,
        ...(retry.retry ? [`again after ${spanText(retry.afterMs ?? 0)} (${retry.reason ?? 'retry'})`] : []),
      ].join(' · '),
    ]),
  ]
}
