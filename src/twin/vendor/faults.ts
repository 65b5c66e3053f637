// What a definition says of the description's faults, applied to what a check has found.
import type { DescriptionFault } from '../../adapter/index.ts'
import type { DescribedResponse, Problem } from './exchange.ts'
import type { DescribedOperation } from './operation.ts'
import { isObject } from './pointer.ts'

/** Whether a fault excuses the problem; `route` is `POST /path/template`, or the path where there is no template. */
export const isExcused = (faults: readonly DescriptionFault[], route: string, problem: Problem): boolean =>
  faults.some(
    (fault) =>
      'excuses' in fault &&
      fault.excuses.operations.test(route) &&
      fault.excuses.kind === problem.kind &&
      fault.excuses.where.test(problem.where) &&
      (fault.excuses.message?.test(problem.message) ?? true),
  )

export const routeOf = ({ method, template }: DescribedOperation): string => `${method} ${template.text}`

/** Under which key the description has this answer, where that is not its status. */
export const describedUnder = (
  faults: readonly DescriptionFault[],
  { status, body }: DescribedResponse,
): string | undefined =>
  faults
    .map((fault) => ('answers' in fault ? fault.answers : undefined))
    .find((rule) => rule !== undefined && rule.status === status && isObject(body) && body[rule.member] === rule.is)
    ?.describedUnder
