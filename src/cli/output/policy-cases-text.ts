// How table tests of policies read: one line a case, and what failed with its line.
import type { CaseResult } from '../../guard/index.ts'
import type { Colours } from './colours.ts'
import { counted } from './phrases.ts'
import { table } from './table.ts'

export function casesText(files: readonly { file: string; cases: readonly CaseResult[] }[], paint: Colours): string {
  const rows = files.flatMap(({ file, cases }) =>
    cases.map(({ name, line, passed, decision, reasons, problem }) => [
      passed ? paint.good('✓') : paint.bad('✗'),
      name,
      decision,
      passed ? reasons.map(({ rule }) => rule).join(', ') : `${file}:${line} ${problem ?? 'failed'}`,
    ]),
  )
  const all = files.flatMap(({ cases }) => cases)
  const failed = all.filter(({ passed }) => !passed).length
  const end =
    failed === 0 ? `${counted(all.length, 'case')} passed` : `${failed} of ${counted(all.length, 'case')} failed`
  return [...(rows.length > 0 ? [table(rows)] : []), end].join('\n')
}
