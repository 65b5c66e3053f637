// Runs the table tests of a policy file: what each case got, and whether that is what it expects.
import { dirname, resolve } from 'node:path'
import { DEFAULT_CONFIG, readDocument } from '../../foundation/index.ts'
import { createGuard } from '../guard.ts'
import type { Decision, Reason } from '../verdict.ts'
import { actionOf, caseFileSchema } from './case-file.ts'
import { readPolicyFile } from './check.ts'
import { type CompileOptions, compileDigest, compilePolicies, faultError } from './compile.ts'
import type { OperationFacts } from './operation-facts.ts'
import { createPolicySet } from './policy-set.ts'

export interface CaseResult {
  name: string
  line: number
  passed: boolean
  expected: Decision
  decision: Decision
  /** The rules that decided. */
  reasons: Reason[]
  /** Why it failed. */
  problem?: string
}

/** Judges every case of a file; IF_ERR_INVALID_FILE where the file or a policy that it names is wrong. */
export async function testPolicies(
  path: string,
  options: CompileOptions & { operations: readonly OperationFacts[] },
): Promise<CaseResult[]> {
  const { value, lineOf } = await readDocument(path, caseFileSchema)
  const files = await Promise.all(value.policies.map((name) => readPolicyFile(resolve(dirname(path), name))))
  const { policies, faults } = compilePolicies(files, options)
  if (faults[0]) throw faultError(faults[0])
  const set = createPolicySet(policies, compileDigest(files, options))
  const guard = createGuard(DEFAULT_CONFIG.policy, [], set)
  return Promise.all(
    value.cases.map(async (one, at) => {
      const place = { file: path, lineOf: (field: string) => lineOf(['cases', at, field]) }
      const { decision, reasons } = await guard.judge(actionOf(one, options.operations, place))
      const problem = problemOf(one, decision, reasons)
      return {
        name: one.name,
        line: lineOf(['cases', at]),
        passed: problem === undefined,
        expected: one.expect,
        decision,
        reasons,
        ...(problem === undefined ? {} : { problem }),
      }
    }),
  )
}

function problemOf(
  { expect, by }: { expect: Decision; by?: string | undefined },
  decision: Decision,
  reasons: readonly Reason[],
): string | undefined {
  const rules = reasons.map(({ rule }) => rule).join(', ')
  if (decision !== expect) return `expected ${expect}, got ${decision} by ${rules}`
  if (by !== undefined && !reasons.some(({ rule }) => rule === by))
    return `expected ${expect} by ${by}, it is by ${rules}`
  return undefined
}
