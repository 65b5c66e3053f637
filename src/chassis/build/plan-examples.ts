// Every example of an adapter, asked for as a real call would: planned, and its answer read. What the module says of its
// examples is held against the schemas of the operations, so that a module that is wrong is refused where it is made.
import { type JsonObject, type JsonValue, VOCABULARY } from '../../adapter/index.ts'
import { describeIssue, FabricError, formatPath, isFabricError } from '../../foundation/index.ts'
import type { AdapterGuest } from '../adapter/definition-of.ts'
import { schemaOf } from '../adapter/json-schema.ts'
import type { AdapterDescription, ExamplePlans, GuestPlanned } from '../module/description.ts'

/** One plan for each example of each operation. IF_ERR_MODULE_INVALID, or what the module failed with, names the example. */
export async function planExamples(
  description: AdapterDescription,
  guest: Pick<AdapterGuest, 'plan' | 'apply'>,
): Promise<ExamplePlans> {
  const examples: ExamplePlans = {}
  for (const [operation, described] of Object.entries(description.operations)) {
    const { input: inputSchema, output: outputSchema } = schemasOf(operation, described)
    const plans: GuestPlanned[] = []
    for (const [at, example] of described.examples.entries()) {
      const place = `operations.${operation}.examples[${at}]`
      const input = checked(inputSchema, example.input, `${place}.input`) as JsonObject
      plans.push(await inExample(place, () => guest.plan({ operation, input })))
      const response = { status: 200, headers: {}, body: example.response }
      const result = await inExample(place, () => guest.apply({ operation, input, response }))
      checked(outputSchema, result, `${place}: the result that \`apply\` makes of its response`)
    }
    examples[operation] = plans
  }
  return examples
}

type Schema = { safeParse: (value: unknown) => ReturnType<ReturnType<typeof schemaOf>['safeParse']> }

function schemasOf(
  operation: string,
  { input, output }: AdapterDescription['operations'][string],
): { input: Schema; output: Schema } {
  const standard = (VOCABULARY as Record<string, { input: Schema; result: Schema } | undefined>)[operation]
  if (standard && Object.hasOwn(VOCABULARY, operation)) return { input: standard.input, output: standard.result }
  if (!input || !output) {
    throw faulty(`operations.${operation}`, 'is not in the vocabulary, so it needs an input and an output schema')
  }
  return {
    input: schemaOf(input, `operations.${operation}.input`),
    output: schemaOf(output, `operations.${operation}.output`),
  }
}

function checked(schema: Schema, value: JsonValue, place: string): JsonValue {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data as JsonValue // schemas of JSON give JSON
  const [issue] = parsed.error.issues
  const field = formatPath(issue?.path ?? [])
  throw faulty(place, `${field ? `${field} ` : ''}${issue ? describeIssue(issue) : 'is wrong'}`)
}

/** A guest that fails is told of with the example that it failed at. */
async function inExample<T>(place: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    const { code, hint, details } = thrown
    throw new FabricError(code, `${place}: ${thrown.message}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { ...details, place },
      cause: thrown,
    })
  }
}

const faulty = (place: string, problem: string): FabricError =>
  new FabricError('IF_ERR_MODULE_INVALID', `the description: ${place}: ${problem}`, {
    hint: 'Correct what `describe` answers, or `apply`, and build again.',
    details: { place },
  })
