// How a plan reads: what would leave, byte for byte but for shown holes, what it costs and moves, how it is judged.

import { shortId } from '../../foundation/index.ts'
import type { Plan, PlanStep } from '../../runs/index.ts'
import type { Colours } from './colours.ts'
import { neededBy, needsText } from './needs-text.ts'
import { costText, counted, movesText, tagText, validityText } from './phrases.ts'

export interface PlanContext {
  /** Tags of the instances by name. */
  tags: Record<string, Record<string, string>>
  now: number
  paint: Colours
  /** The fabric that it is for, where that is not on this machine. */
  where?: string
  /** What the plan is called instead of its own name. */
  name?: string
}

export function planText(plan: Plan, context: PlanContext): string {
  const [only] = plan.steps
  const lines =
    plan.steps.length === 1 && only
      ? [headText(plan, context), ...stepLines(only, '  ', context)]
      : [headText(plan, context), ...plan.steps.flatMap((step, at) => numberedStep(step, at + 1, context))]
  const facts = [
    ...(plan.steps.length === 1 && only ? undoWords(only) : []),
    verdictText(plan, context.paint),
    validityText(plan.expiresAt, context.now),
    'nothing was sent',
  ]
  return [...lines, ...askReasons(plan), `  ${facts.join(' · ')}`].join('\n')
}

/** The plan's line: digest, what, money in and out, cost. */
export function headText(plan: Plan, context: PlanContext): string {
  const [only] = plan.steps
  const single = plan.steps.length === 1 ? only : undefined
  const cost = costText(plan.estimateUsd, plan.maxUsd)
  const parts = [
    `plan ${context.paint.strong(shortId(plan.digest))}${context.where ? ` on ${context.paint.warn(context.where)}` : ''}`,
    ...(single
      ? [`${instanceText(single, context)} ${single.operation}`, single.effect]
      : [context.name ?? nameOf(plan), counted(plan.steps.length, 'step')]),
    movesText(plan.steps.map(({ moves }) => moves)),
    single && single.estimateUsd !== 0 && single.costBasis ? `${cost} (${single.costBasis})` : cost,
    plan.budgetUsd === null ? undefined : `budget $${plan.budgetUsd.toFixed(2)}`,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

const nameOf = (plan: Plan): string =>
  plan.source.kind === 'playbook' ? plan.source.name : `${plan.source.instance} ${plan.source.operation}`

/** The instance with its tags; behind it those whose turn comes where it fails. */
export function instanceText({ instance, routed }: PlanStep, { tags }: Pick<PlanContext, 'tags'>): string {
  const first = `${instance}${tagText(tags[instance])}`
  if (!routed) return first
  const others = routed.alternatives.map((other) => `${other.instance}${tagText(tags[other.instance])}`)
  return `${first} (${routed.selector}${others.length > 0 ? `, else ${others.join(', else ')}` : ''})`
}

function numberedStep(step: PlanStep, number: number, context: PlanContext): string[] {
  const { paint } = context
  const facts = [
    movesText([step.moves]),
    step.estimateUsd === 0 ? undefined : costText(step.estimateUsd, step.maxUsd),
    step.after.length > 0 ? `after ${step.after.join(', ')}` : undefined,
    step.when === undefined ? undefined : `when ${step.when}`,
    ...undoWords(step),
  ].filter((fact) => fact !== undefined)
  const head = `  ${number} ${paint.strong(step.id)}  ${instanceText(step, context)} ${step.operation}  ${step.effect}`
  return [[head, ...facts].join(' · '), ...stepLines(step, '    ', context)]
}

/** The request: line, headers, body; then the reads around it. */
function stepLines(step: PlanStep, indent: string, { paint }: PlanContext): string[] {
  const { request } = step
  const headers = Object.entries(request.headers)
    .filter(([name]) => !IMPLIED.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}`)
  const body = bodyText(step)
  const around = step.around.map(
    ({ purpose, operation, method, url }) =>
      `${purpose === 'before' ? 'reads before' : 'reads back'}: ${method} ${url} (${operation})`,
  )
  const lines = [
    [`${request.method} ${request.url}`, ...headers].join('   '),
    ...(body === undefined ? [] : [body]),
    ...(request.later ?? []).map((later) => `then ${later}`),
    ...(request.streams ? [paint.faint('the answer comes while it is written')] : []),
    ...around.map(paint.faint),
    ...routeLines(step).map(paint.faint),
    ...(step.unset.length === 0 ? [] : [paint.warn(`! not set: ${step.unset.join(', ')}; apply will refuse`)]),
  ]
  return lines.map((line) => `${indent}${knownLater(line)}`)
}

/** What would leave at the other instances, and why some are left out. */
const routeLines = ({ routed }: PlanStep): string[] =>
  routed
    ? [
        ...routed.alternatives.map(
          ({ instance, request, estimateUsd, maxUsd }) =>
            `else ${instance}: ${request.method} ${request.url} · ${costText(estimateUsd, maxUsd)}`,
        ),
        ...routed.left.map(({ instance, why }) => `not ${instance}: ${why}`),
      ]
    : []

/** Follow from the body and the client; `--json` shows all of them. */
const IMPLIED = new Set(['content-type', 'accept', 'user-agent', 'content-length'])

function bodyText({ request }: PlanStep): string | undefined {
  if (request.bodyText !== undefined && request.bodyText !== '') {
    // Brackets of form fields, which encoders write as %5B and %5D, are easier to read as brackets.
    return request.bodyText.replaceAll('%5B', '[').replaceAll('%5D', ']')
  }
  return request.body === null ? undefined : JSON.stringify(request.body)
}

/** `${steps.ticket.result.id}` → `(known after ticket)`, as it is or percent-encoded. */
const knownLater = (text: string): string =>
  text.replace(/(?:\$|%24)(?:\{|%7B)steps\.([A-Za-z0-9_-]+)\.[^}%\s]*(?:\}|%7D)/gi, '(known after $1)')

function undoWords({ undo, effect }: PlanStep): string[] {
  if (effect === 'read' || undo === null) return []
  if (undo.operation === null) return [`no undo${undo.note ? `: ${undo.note}` : ''}`]
  return [`undo: ${undo.operation}${undo.note ? ` (${undo.note})` : ''}`]
}

/** `verdict ask: default/charge, 1 approver`. */
export function verdictText({ verdict }: Plan, paint: Colours): string {
  const deciding = verdict.reasons.filter(({ decision }) => decision === verdict.decision)
  const rules = [...new Set(deciding.map(({ rule }) => rule))].join(', ')
  const colour = { allow: paint.good, ask: paint.warn, deny: paint.bad }[verdict.decision]
  const approver = verdict.decision === 'ask' ? `, ${needsText(neededBy(deciding))}` : ''
  return `verdict ${colour(verdict.decision)}${rules ? `: ${rules}` : ''}${approver}`
}

/** Why it is denied, in words; a verdict that asks is explained by its rule. */
const askReasons = ({ verdict }: Plan): string[] =>
  verdict.decision === 'deny'
    ? verdict.reasons.filter(({ decision }) => decision === 'deny').map(({ text }) => `  denied: ${text}`)
    : []
