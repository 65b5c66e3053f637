// How policies read: which hold, which apply to an action, which past decisions would be others.
import type { Explanation, PoliciesView } from '../../fabric/index.ts'
import { formatUsd } from '../../foundation/index.ts'
import type { CheckedPolicy, Flip, PolicyTrace, WhatIfReport } from '../../guard/index.ts'
import type { Colours } from './colours.ts'
import { needsText } from './needs-text.ts'
import { counted } from './phrases.ts'
import { table } from './table.ts'

/** What is wrong comes first. */
export function policiesText({ policies, fault, resourcePolicy, resourceFault }: PoliciesView, paint: Colours): string {
  const meanwhile = policies.length > 0 ? 'those of before hold meanwhile' : 'everything is denied meanwhile'
  const lines = [
    fault ? `${paint.bad(`✗ ${fault.message}`)}\n  ${meanwhile}` : '',
    fault?.hint ? `  ${fault.hint}` : '',
    resourceFault === null ? '' : `${paint.bad(`✗ ${resourceFault}`)}\n  the limits of before hold meanwhile`,
    policies.length > 0 ? policyTable(policies, paint) : fault ? '' : 'no policies: the defaults by effect decide',
    paint.faint(resourceText(resourcePolicy)),
  ]
  return lines.filter((line) => line !== '').join('\n')
}

export const policyTable = (policies: readonly CheckedPolicy[], paint: Colours): string =>
  table(
    policies.map(({ rule, file, line, effect, ask, text }) => [
      ask ? paint.warn('ask') : effectText(effect, paint),
      paint.strong(rule),
      `${file}:${line}`,
      [ask ? needsText([{ of: ask.approvers ?? 'approvers', count: ask.needed }]) : '', text ?? '']
        .filter((part) => part !== '')
        .join(' · '),
    ]),
  )

const effectText = (effect: 'permit' | 'forbid', paint: Colours): string =>
  effect === 'permit' ? paint.good(effect) : paint.bad(effect)

function resourceText(policy: PoliciesView['resourcePolicy']): string {
  return [
    `resources: ${counted(policy.maxSwarmsPerTask, 'helper')} a task at most`,
    `${formatUsd(policy.maxCostPerTaskMicroUsd)} a task${policy.enableBudgetEnforcement ? '' : ' (shown, not enforced)'}`,
    `match ${Math.round(policy.minCapabilityMatch * 100)} % or more`,
    `a swarm's breaker opens after ${counted(policy.circuitBreakerFailureThreshold, 'failure')}`,
    ...(policy.enableReputationScoring ? [] : ['reputations do not count']),
  ].join(' · ')
}

const STATES: Record<PolicyTrace['state'], string> = {
  applies: 'applies',
  unmet: 'its conditions are not met',
  elsewhere: 'is about something else',
  failed: 'has no answer',
}

/** The verdict with its reasons, then the policies that it came from; those about something else only where `all` is set. */
export function policyExplanationText(
  { verdict, policies }: Explanation,
  paint: Colours,
  { all }: { all: boolean },
): string {
  const colour = { allow: paint.good, ask: paint.warn, deny: paint.bad }[verdict.decision]
  const reasons = verdict.reasons.map(({ rule, decision, text, file, line, overruled }) => [
    paint.faint(decision),
    rule,
    file === undefined ? '' : `${file}:${line ?? 1}`,
    `${text}${overruled && overruled.length > 0 ? ` (overrules ${overruled.join(', ')})` : ''}`,
  ])
  const shown = all ? policies : policies.filter(({ state }) => state !== 'elsewhere')
  const rows = shown.map(({ rule, file, line, effect, state, text, problem }) => [
    state === 'applies' ? paint.good('✓') : state === 'failed' ? paint.bad('✗') : '·',
    effectText(effect, paint),
    rule,
    `${file}:${line}`,
    [STATES[state], problem ?? text ?? ''].filter((part) => part !== '').join(': '),
  ])
  const hidden = policies.length - shown.length
  return [
    `verdict ${colour(verdict.decision)}`,
    table(reasons, '  '),
    ...(rows.length > 0
      ? [`${counted(policies.length, 'policy').replace(/policys$/, 'policies')} looked at`, table(rows, '  ')]
      : []),
    ...(hidden > 0 ? [paint.faint(`  and ${hidden} about something else; --explain shows them`)] : []),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

export function whatIfText({ replayed, partial, flips }: WhatIfReport, paint: Colours): string {
  const stricter = flips.filter((flip) => weight(flip.after) > weight(flip.before)).length
  const told = partial > 0 ? ` · ${partial} judged on what the log says alone (marked ~)` : ''
  const sums = flips.length > 0 ? `: ${stricter} stricter, ${flips.length - stricter} looser` : ''
  const end = `${flips.length} of ${counted(replayed, 'decision')} would be ${flips.length === 1 ? 'another' : 'others'}${sums}${told}`
  return flips.length === 0 ? end : `${table(flips.map((flip) => flipRow(flip, paint)))}\n${end}`
}

function flipRow(flip: Flip, paint: Colours): string[] {
  const { seq, at, actor, instance, operation, before, after, rules, partial } = flip
  const colour = weight(after) > weight(before) ? paint.bad : paint.good
  return [
    `#${seq}${partial ? '~' : ''}`,
    paint.faint(at),
    actor,
    `${instance} ${operation}`,
    `${before} → ${colour(after)}`,
    rules.join(', '),
  ]
}

const weight = (decision: Flip['before']): number => ({ allow: 0, ask: 1, deny: 2 })[decision]
