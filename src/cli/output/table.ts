// Columns of text, as wide as their widest cell; the last one is not padded.
import { padTo, widthOf } from './colours.ts'

export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, at) => Math.max(0, ...rows.map((row) => widthOf(row[at] ?? ''))))
  return rows
    .map((row) => `${indent}${row.map((cell, at) => padTo(cell, widths[at] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
}
