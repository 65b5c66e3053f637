// What somebody is worth, and what took it there: a line each, with its reasons below.
import type { ReputationView } from '../../fabric/index.ts'
import type { Colours } from './colours.ts'
import { counted, percentText, spanText } from './phrases.ts'
import { table } from './table.ts'

export function reputationText(views: readonly ReputationView[], paint: Colours): string {
  const heads = views.map(({ kind, name, reputation }) => [
    paint.strong(name),
    kind,
    scoreText(reputation.score, paint),
    counted(reputation.runs, 'run'),
    reputation.successRate === undefined ? '' : `${percentText(reputation.successRate)} succeeded`,
    reputation.p99Ms === undefined ? '' : `p99 ${spanText(reputation.p99Ms)}`,
  ])
  const lines = table(heads).split('\n')
  return views
    .flatMap(({ reputation: { reasons } }, at) => [
      lines[at] ?? '',
      ...reasons.map(({ minus, text }) => paint.faint(`  ${minusText(minus)}  ${text}`)),
    ])
    .join('\n')
}

/** Of idle ones it may rise again; what takes nothing is told without a number. */
function minusText(minus: number): string {
  const figure = Math.abs(minus).toFixed(2)
  return figure === '0.00' ? '     ' : `${minus < 0 ? '+' : '−'}${figure}`
}

function scoreText(score: number, paint: Colours): string {
  const text = score.toFixed(2)
  return score >= 0.9 ? paint.good(text) : score >= 0.5 ? text : paint.bad(text)
}
