// How records look from outside.
import { type Redactor, usdOf } from '../foundation/index.ts'
import type { Budget, BudgetRecord } from '../governor/index.ts'
import type { ApprovalRecord } from '../guard/index.ts'
import type { FinishedRun } from '../runs/index.ts'
import type { ApprovalView, BudgetView, Receipt, Run } from './port.ts'

export function runView({ record, steps }: FinishedRun, redactor: Redactor): Run {
  const receipts = steps.map(
    (step): Receipt => ({
      run: record.id,
      step: step.id,
      instance: step.instance,
      operation: step.operation,
      state: step.state,
      result: step.result ?? null,
      verified: step.verified ?? null,
      costUsd: usdOf(step.costMicroUsd),
      durationMs: step.durationMs ?? 0,
      vendorRequestId: step.vendorRequestId ?? null,
      witness: record.witness[step.id] ?? -1,
    }),
  )
  const view: Run = {
    id: record.id,
    plan: record.plan,
    state: record.state,
    actor: record.actor,
    startedAt: record.startedAt,
    endedAt: record.endedAt ?? null,
    costUsd: usdOf(record.costMicroUsd),
    receipts,
    record,
    steps,
  }
  return redactor.value(view) as Run
}

export function approvalView(record: ApprovalRecord, nowMs: number): ApprovalView {
  const expired = record.state === 'waiting' && Date.parse(record.expiresAt) <= nowMs
  return {
    plan: record.plan,
    state: expired ? 'expired' : record.state,
    requestedBy: record.requestedBy,
    requestedAt: record.requestedAt,
    expiresAt: record.expiresAt,
    decidedBy: record.decidedBy ?? null,
    decidedAt: record.decidedAt ?? null,
    why: record.why ?? null,
    summary: record.summary,
  }
}

export function budgetView(budget: Budget, record: BudgetRecord, nowMs: number): BudgetView {
  const now = new Date(nowMs)
  const resets =
    budget.per === 'day'
      ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1)
      : budget.per === 'month'
        ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
        : undefined
  return {
    name: budget.name,
    per: budget.per,
    limitUsd: budget.limitMicroUsd === null ? null : usdOf(budget.limitMicroUsd),
    settledUsd: usdOf(record.settledMicroUsd),
    heldUsd: usdOf(Object.values(record.holds).reduce((sum, hold) => sum + hold, 0)),
    resetsAt: resets === undefined ? null : new Date(resets).toISOString(),
  }
}
