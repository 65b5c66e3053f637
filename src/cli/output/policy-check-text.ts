// How a check of policy files reads: each fault with its file and line, then what is in order.
import type { PolicyCheck } from '../../guard/index.ts'
import type { Colours } from './colours.ts'
import { counted } from './phrases.ts'
import { policyTable } from './policy-text.ts'

export function policyCheckText({
  files,
  check: { policies, faults, warnings },
  paint,
}: {
  files: readonly string[]
  check: PolicyCheck
  paint: Colours
}): string {
  const problem = (mark: string, { file, line, problem, hint }: PolicyCheck['faults'][number]) => [
    `${mark} ${file}:${line} ${problem}`,
    ...(hint ? [`  ${hint}`] : []),
  ]
  const wrong = faults.flatMap((fault) => problem(paint.bad('✗'), fault))
  const odd = warnings.flatMap((warning) => problem(paint.warn('!'), warning))
  if (wrong.length > 0)
    return [...wrong, ...odd, `${counted(faults.length, 'fault')} in ${counted(files.length, 'file')}`].join('\n')
  const count = policies.length === 1 ? '1 policy' : `${policies.length} policies`
  return [
    ...(policies.length > 0 ? [policyTable(policies, paint)] : []),
    ...odd,
    `${paint.good('✓')} ${count} in ${counted(files.length, 'file')}, nothing is wrong`,
  ].join('\n')
}
