// An action to judge, and policies to judge it by: the schema is that of three operations of two providers.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Action,
  cedarSchemaOf,
  loadPolicies,
  type OperationFacts,
  type PolicySet,
} from '../../../../src/guard/index.ts'

const PRIVATE = { reads: 'private', returns: 'trusted', sends: 'none' } as const

export const OPERATIONS: OperationFacts[] = [
  { id: 'payment.create', provider: 'stripe', effect: 'charge', labels: { ...PRIVATE, sends: 'external' } },
  { id: 'refund.create', provider: 'stripe', effect: 'charge', labels: PRIVATE },
  { id: 'stripe:checkout.session.create', provider: 'stripe', effect: 'charge', labels: PRIVATE },
  { id: 'message.send', provider: 'slack', effect: 'send', labels: { ...PRIVATE, sends: 'external' } },
  { id: 'message.list', provider: 'slack', effect: 'read', labels: { ...PRIVATE, returns: 'untrusted' } },
]

export const SCHEMA = cedarSchemaOf(OPERATIONS)

export function anAction(change: Partial<Action> = {}): Action {
  const operation = change.operation ?? 'payment.create'
  const facts = OPERATIONS.find(({ id }) => id === operation)
  if (!facts) throw new Error(`the test knows no ${operation}`)
  return {
    step: 'pay',
    actor: 'if://agent/a',
    session: 's',
    instance: facts.provider,
    provider: facts.provider,
    tags: {},
    operation,
    effect: facts.effect,
    labels: facts.labels,
    input: {},
    moves: undefined,
    why: undefined,
    madeHere: false,
    costUnknown: false,
    maxMicroUsd: 0,
    planSize: 1,
    nowMs: Date.UTC(2025, 0, 6, 12, 30),
    sessionFacts: { private: false, untrusted: false, outwardAnswers: false, spentMicroUsd: 0, legs: [] },
    ...change,
  }
}

/** A folder of policies that is gone after the test. */
export async function withFolder<T>(files: Record<string, string>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'policies-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The policies of a text, as of policies/a.cedar. */
export const policiesOf = (text: string): Promise<PolicySet> =>
  withFolder({ 'a.cedar': text }, (path) =>
    loadPolicies({ schema: SCHEMA, folders: [{ path, name: 'policies', isRequired: true }] }),
  )
