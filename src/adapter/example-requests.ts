// The requests of an operation's examples, the further ones of operations with several included: what the manifest allows,
// what a plan announces, what tests hold against the vendor's description.
import { FabricError, formatPath, type JsonObject } from '../foundation/index.ts'
import type { StepAnswer } from './definition.ts'
import type { DefinedOperation } from './entries.ts'
import type { HttpRequestSpec, RequestSpec } from './request.ts'

export interface ExampleRequests {
  /** Parsed by the operation's schema. */
  input: JsonObject
  first: RequestSpec
  further: HttpRequestSpec[]
  /** The requests that may change something, in order. */
  acting: RequestSpec[]
}

/** The requests of example number `at`; IF_ERR_INTERNAL where the example is none. */
export function exampleRequests(
  { id, operation, inputSchema }: Pick<DefinedOperation, 'id' | 'operation' | 'inputSchema'>,
  at: number,
): ExampleRequests {
  const example = operation.examples[at]
  const parsed = inputSchema.safeParse(example?.input)
  if (!example || !parsed.success) {
    const issue = parsed.error?.issues[0]
    throw new FabricError(
      'IF_ERR_INTERNAL',
      `${id}: example ${at + 1} is not a valid input: ${formatPath(issue?.path ?? [])} ${issue?.message ?? ''}`,
    )
  }
  const input = parsed.data as JsonObject // input schemas are objects of JSON values
  const first = operation.request(input)
  const further: HttpRequestSpec[] = []
  const acting: RequestSpec[] = operation.looksFirst ? [] : [first]
  if (!operation.more) return { input, first, further, acting }
  const answers = [...(example.more ?? [])]
  const answer = asAnswer({ ...example, body: example.response })
  const steps = operation.more({ input, answer })
  let step = steps.next(answer)
  while (!step.done) {
    if ('pauseMs' in step.value) {
      step = steps.next(answer)
      continue
    }
    const { request, reads } = step.value
    further.push(request)
    if (!reads) acting.push(request)
    const next = answers.shift()
    if (!next) throw new FabricError('IF_ERR_INTERNAL', `${id}: example ${at + 1} has too few answers in \`more\``)
    step = steps.next(asAnswer(next))
  }
  return { input, first, further, acting }
}

/** As the engine hands an answer to the operation: an example leaves out what goes without saying. */
const asAnswer = ({ body, status = 200, headers = {} }: StepAnswer): StepAnswer => ({ body, status, headers })
