// --mode=falsify: tries to refute what a plan takes for granted. Performs nothing; exit 1 where anything was refuted.
import type { Finding } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { Invocation } from '../invocation.ts'
import { findingsText } from '../output/findings-text.ts'

export async function falsifyPlan(invocation: Invocation, plan: Plan): Promise<number> {
  const fabric = await invocation.fabric()
  const interruption = listenForInterrupt(invocation.io)
  try {
    const findings = await fabric.falsify(plan, { signal: interruption.stop })
    return showFindings(invocation, findings, { plan: plan.digest })
  } finally {
    interruption.end()
  }
}

export function showFindings(
  invocation: Invocation,
  findings: readonly Finding[],
  about: Record<string, unknown>,
): number {
  const { console } = invocation
  const refuted = findings.filter(({ holds }) => !holds)
  console.result({ ...about, refuted: refuted.length, findings }, findingsText(findings, console.out))
  const [first] = refuted
  if (!first) return 0
  throw new FabricError('IF_ERR_FALSIFIED', `${refuted.length} of ${findings.length} assumptions do not hold`, {
    hint: first.text,
    ...(first.next ? { next: first.next } : {}),
    details: { refuted: refuted.map(({ assumption }) => assumption) },
  })
}
