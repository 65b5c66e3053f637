// How records look from outside.
import { type Redactor, usdOf } from '../foundation/index.ts'
import type { ApprovalRecord } from '../guard/index.ts'
import type { FinishedRun } from '../runs/index.ts'
import type { ApprovalView, MoneyView, Receipt, Run } from './port.ts'

export function runView({ record, steps }: FinishedRun, money: MoneyView, redactor: Redactor): Run {
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
    money,
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
    needs: record.needs && record.needs.length > 0 ? record.needs : [{ of: 'approvers', count: 1 }],
    yes: (record.yes ?? []).map(({ by, at }) => ({ by, at })),
  }
}
