// The stages of what was done, indented under what caused them, with their times.
import type { Span } from '../../foundation/index.ts'
import { counted, spanText } from './phrases.ts'
import { table } from './table.ts'

export function traceText(trace: { traceId: string; spans: readonly Span[] }): string {
  const childrenOf = (parent: string | null): Span[] => trace.spans.filter((span) => span.parentSpanId === parent)
  const rows = (parent: string | null, depth: number): string[][] =>
    childrenOf(parent).flatMap((span) => [
      [
        `${'  '.repeat(depth)}${span.status === 'error' ? '✗ ' : ''}${span.name}`,
        span.durationMs < 10 ? `${span.durationMs.toFixed(2)} ms` : spanText(span.durationMs),
        attributesText(span.attributes),
      ],
      ...rows(span.spanId, depth + 1),
    ])
  const head = `trace ${trace.traceId} · ${counted(trace.spans.length, 'span')}`
  return trace.spans.length === 0 ? head : `${head}\n${table(rows(null, 0), '  ')}`
}

const attributesText = (attributes: Record<string, unknown>): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
