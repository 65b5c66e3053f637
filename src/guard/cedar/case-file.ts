// Table tests of policies (`ifab policy test FILE`): each case is an action and the decision that it must get. The cases
// are judged as at home, built-in defaults included, by exactly the policies that the file names.
import { z } from 'zod'
import { EFFECTS, type Effect, type Labels } from '../../adapter/index.ts'
import {
  currencyCode,
  currencyExponent,
  FabricError,
  invalidFile,
  isFabricError,
  parseAddress,
  parseDecimal,
  parseUsd,
  suggestion,
} from '../../foundation/index.ts'
import type { Action } from '../verdict.ts'
import type { OperationFacts } from './operation-facts.ts'

const decision = z.enum(['allow', 'ask', 'deny'])
const money = z.string().regex(/^\d+(\.\d{1,6})? ?[A-Za-z]{3}$/, 'expected a number and a currency, as in "25.00 GBP"')
const address = z.string().refine(isAddress, 'expected an address such as if://agent/refunds')

const caseSchema = z.strictObject({
  name: z.string().min(1),
  actor: address.default('if://agent/test'),
  swarm: z.string().optional(),
  task: z.string().optional(),
  onBehalfOf: z.string().optional(),
  operation: z.string().min(1),
  instance: z
    .strictObject({
      name: z.string().optional().describe('Default: the provider.'),
      provider: z.string().optional().describe('Default: the first one that has the operation.'),
      tags: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  effect: z.enum(EFFECTS).optional().describe('Default: what the manifest says of the operation.'),
  amount: money.optional().describe('What a payment moves: "25.00 GBP".'),
  direction: z.enum(['in', 'out']).default('out').describe('Which way the amount moves.'),
  destination: z.string().optional(),
  at: z.iso.datetime({ offset: true }).default('2025-01-06T12:00:00Z').describe('When. Default: a Monday, 12:00 UTC.'),
  why: z.string().optional(),
  maxCost: money.or(z.literal('unknown')).default('0 USD').describe('"0.05 USD" or unknown.'),
  planSize: z.int().min(1).default(1),
  session: z
    .strictObject({
      private: z.boolean().default(false),
      untrusted: z.boolean().default(false),
      answersSource: z.boolean().default(false),
      spent: money.default('0 USD'),
    })
    .prefault({}),
  expect: decision,
  by: z.string().optional().describe('A rule that must be among those that decided.'),
})

export const caseFileSchema = z
  .strictObject({
    version: z.literal(1),
    policies: z.array(z.string().min(1)).min(1).describe('Policy files, from where this file lies.'),
    cases: z.array(caseSchema).min(1),
  })
  .describe('Table tests of policies.')

export type PolicyCase = z.output<typeof caseSchema>

/** The action of a case; IF_ERR_INVALID_FILE where no manifest has its operation. */
export function actionOf(one: PolicyCase, operations: readonly OperationFacts[], place: CasePlace): Action {
  const { provider, effect, labels } = factsOf(one, operations, place)
  const moves = one.amount === undefined ? undefined : { ...minorUnits(one.amount, place), direction: one.direction }
  const isUnknown = one.maxCost === 'unknown'
  return {
    step: 'case',
    actor: one.actor,
    session: 'test',
    ...(one.swarm === undefined ? {} : { swarm: one.swarm }),
    ...(one.task === undefined ? {} : { task: one.task }),
    ...(one.onBehalfOf === undefined ? {} : { onBehalfOf: one.onBehalfOf }),
    ...(one.destination === undefined ? {} : { destination: one.destination }),
    instance: one.instance.name ?? provider,
    provider,
    tags: one.instance.tags,
    operation: one.operation,
    effect,
    labels,
    input: {},
    moves,
    why: one.why,
    madeHere: false,
    costUnknown: isUnknown,
    maxMicroUsd: isUnknown ? null : usd(one.maxCost, 'maxCost', place),
    planSize: one.planSize,
    nowMs: Date.parse(one.at),
    sessionFacts: {
      private: one.session.private,
      untrusted: one.session.untrusted,
      outwardAnswers: one.session.answersSource,
      spentMicroUsd: usd(one.session.spent, 'session.spent', place),
      legs: [],
    },
  }
}

/** Where a case stands, for errors. */
export interface CasePlace {
  file: string
  lineOf(field: string): number
}

function factsOf(
  { operation, instance, effect }: PolicyCase,
  operations: readonly OperationFacts[],
  { file, lineOf }: CasePlace,
): { provider: string; effect: Effect; labels: Labels } {
  const named = operations.filter(({ id }) => id === operation)
  const found = named.find(({ provider }) => instance.provider === undefined || provider === instance.provider)
  if (found) return { ...found, effect: effect ?? found.effect }
  const who = instance.provider === undefined ? 'no provider' : instance.provider
  const ids = operations.filter(({ provider }) => provider === (instance.provider ?? provider)).map(({ id }) => id)
  throw invalidFile(
    file,
    lineOf('operation'),
    'operation',
    `${who} has no operation ${JSON.stringify(operation)}`,
    suggestion(operation, ids, 'Look: ifab ops.'),
  )
}

function minorUnits(text: string, { file, lineOf }: CasePlace): { amountMinor: number; currency: string } {
  try {
    const currency = currencyCode(text.slice(-3))
    return { amountMinor: parseDecimal(text.slice(0, -3).trim(), currencyExponent(currency)), currency }
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    throw invalidFile(file, lineOf('amount'), 'amount', thrown.message, thrown.hint)
  }
}

function usd(text: string, field: string, { file, lineOf }: CasePlace): number {
  if (/usd$/i.test(text)) return parseUsd(`${text.slice(0, -3).trim()} USD`)
  throw invalidFile(file, lineOf(field.split('.')[0] ?? field), field, `expected USD, got ${JSON.stringify(text)}`)
}

function isAddress(text: string): boolean {
  try {
    return parseAddress(text) !== undefined
  } catch (thrown) {
    if (thrown instanceof FabricError) return false
    throw thrown
  }
}
