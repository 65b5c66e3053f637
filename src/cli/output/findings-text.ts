// The list of --mode=falsify: what was taken for granted, and whether it holds.
import type { Finding } from '../../fabric/index.ts'
import type { Colours } from './colours.ts'
import { padTo } from './colours.ts'

export function findingsText(findings: readonly Finding[], paint: Colours): string {
  const width = Math.max(0, ...findings.map(({ assumption }) => assumption.length))
  const lines = findings.flatMap((finding) => {
    const where = [finding.step, finding.instance].filter((part) => part !== null).join(' ')
    const mark = finding.holds ? paint.good('✓') : paint.bad('✗')
    const line = `${mark} ${padTo(finding.assumption, width)}  ${where ? `${where}: ` : ''}${finding.text}`
    return finding.next && !finding.holds ? [line, `  ${' '.repeat(width)}  Next: ${finding.next}`] : [line]
  })
  const refuted = findings.filter(({ holds }) => !holds).length
  const end = refuted === 0 ? `nothing of ${findings.length} was refuted` : `${refuted} of ${findings.length} refuted`
  return [...lines, `${end} · nothing was sent that changes anything`].join('\n')
}
