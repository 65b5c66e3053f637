// What InfraFabric says about itself: structured log lines on stderr and spans under one trace id. Nothing is sent
// anywhere. Every text passes the redactor before it leaves.
import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import type { Redactor } from './redaction.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type LogFields = Record<string, unknown>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** One JSON object a line: `{"at","level","message",…}`. Default level `warn`. */
export function createLogger(options: {
  level?: LogLevel
  clock: Clock
  redactor: Redactor
  write: (line: string) => void
}): Logger {
  const threshold = LOG_LEVELS.indexOf(options.level ?? 'warn')
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(level) < threshold) return
      const line = options.redactor.value({
        at: new Date(options.clock.now()).toISOString(),
        level,
        message,
        ...fields,
      })
      options.write(`${JSON.stringify(line)}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export interface Span {
  /** W3C span id, 16 hex digits. */
  spanId: string
  parentSpanId: string | null
  name: string
  /** RFC 3339. */
  startedAt: string
  durationMs: number
  attributes: Record<string, unknown>
  status: 'ok' | 'error'
}

export interface Trace {
  /** W3C trace id, 32 hex digits. */
  readonly traceId: string
  readonly spans: readonly Span[]
  /** Runs `work` inside a span; its failure marks the span and is thrown on. */
  span<T>(name: string, attributes: Record<string, unknown>, work: (child: Trace) => Promise<T>): Promise<T>
}

/** `collect: false` keeps the id but records nothing: the way of every call that nobody traces. */
export function createTrace(options: { clock: Clock; traceId?: string; collect: boolean }): Trace {
  const traceId = options.traceId ?? randomBytes(16).toString('hex')
  const spans: Span[] = []
  const within = (parentSpanId: string | null): Trace => ({
    traceId,
    spans,
    async span(name, attributes, work) {
      if (!options.collect) return work(this)
      const span: Span = {
        spanId: randomBytes(8).toString('hex'),
        parentSpanId,
        name,
        startedAt: new Date(options.clock.now()).toISOString(),
        durationMs: 0,
        attributes,
        status: 'ok',
      }
      spans.push(span)
      const start = options.clock.monotonic()
      try {
        return await work(within(span.spanId))
      } catch (thrown) {
        span.status = 'error'
        throw thrown
      } finally {
        span.durationMs = Math.round((options.clock.monotonic() - start) * 1000) / 1000
      }
    },
  })
  return within(null)
}
