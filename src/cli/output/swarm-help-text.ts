// How the matcher's answer reads: candidates with their figures, then the team of least cost.
import { formatUsd } from '../../foundation/index.ts'
import type { Help, HelpCandidate, HelpTeam } from '../../governor/index.ts'
import type { Colours } from './colours.ts'
import { counted } from './phrases.ts'
import { table } from './table.ts'

export function helpText(help: Help, paint: Colours, { explain }: { explain: boolean }): string {
  const { candidates, counted: all, needs } = help
  const head = ['swarm', 'match', 'reputation', 'cost', 'score', explain ? 'why' : 'standing'].map(paint.faint)
  const rows = candidates.map((candidate) => [
    paint.strong(candidate.swarm),
    percent(candidate.match),
    candidate.reputation.toFixed(2),
    formatUsd(candidate.costMicroUsd),
    candidate.score === null ? 'free' : String(Number(candidate.score.toPrecision(3))),
    explain ? `${standing(candidate, paint)}: ${candidate.why}` : inTeam(candidate, paint),
  ])
  const more = all.candidates - candidates.length
  const lines = [
    rows.length === 0 ? `no registered swarm has any of ${needs.join(', ')}` : table([head, ...rows]),
    more > 0 ? paint.faint(`and ${more} more; --explain shows all`) : '',
    help.team ? teamText(help.team, help, paint) : '',
    explain ? paint.faint(limitsText(help)) : '',
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const WORDS: Record<HelpCandidate['standing'], string> = {
  assignee: 'the one to ask',
  outscored: 'outscored',
  'below-match': 'can do too little alone',
  'too-dear': 'too dear',
  'no-budget': 'has too little budget',
  busy: 'busy',
  refused: 'may not help now',
  excluded: 'left out',
  blocked: 'is who asks',
}

const standing = ({ standing }: HelpCandidate, paint: Colours): string =>
  standing === 'assignee' ? paint.good(WORDS[standing]) : WORDS[standing]

const inTeam = (candidate: HelpCandidate, paint: Colours): string =>
  `${standing(candidate, paint)}${candidate.inTeam ? ', in the team' : ''}`

/** `team of least cost: refunds (payment:refund) + phones (integration:sip) · $1.10 for 2 h · covers 100 %`. */
function teamText(
  { members, match, missing, costMicroUsd, isProven }: HelpTeam,
  { limits }: Help,
  paint: Colours,
): string {
  const who = members.map(({ swarm, takes }) => `${paint.strong(swarm)} (${takes.join(', ')})`).join(' + ')
  return [
    `team of least cost: ${who}`,
    `${formatUsd(costMicroUsd)} for ${limits.hours} h`,
    `covers ${percent(match)}`,
    ...(missing.length > 0 ? [paint.warn(`nobody for ${missing.join(', ')}`)] : []),
    ...(isProven ? [] : ['a cheaper one may exist']),
  ].join(' · ')
}

function limitsText({ limits, counted: { candidates, others } }: Help): string {
  const { minMatch, maxMembers, maxCostMicroUsd, hours } = limits
  const cost = maxCostMicroUsd === null ? 'at any cost' : `for ${formatUsd(maxCostMicroUsd)} at most`
  return `asked for ${percent(minMatch)} of it, ${counted(maxMembers, 'helper')} at most, ${hours} h, ${cost} · ${candidates} of ${counted(candidates + others, 'registered swarm')} can do any of it`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
