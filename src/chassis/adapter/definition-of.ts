// A module's description as a provider's definition: from here on an adapter that others wrote is a provider like any
// other. Its facts come from the description, its requests and results from the guest, each checked before it is believed.
import {
  type Auth,
  basic,
  bearer,
  type Cost,
  header,
  type NativeOperation,
  noAuth,
  type Operation,
  type ProviderDefinition,
  query,
  secret,
  VOCABULARY,
  type z,
} from '../../adapter/index.ts'
import { canonicalJson, FabricError, type JsonObject, type MicroUsd, optional } from '../../foundation/index.ts'
import type {
  AdapterDescription,
  ApplyQuestion,
  ExamplePlans,
  GuestPlanned,
  PlanQuestion,
} from '../module/description.ts'
import { faultsOf } from './faults.ts'
import { checkPlaces, holesOf, requestSpecOf } from './guest-request.ts'
import { schemaOf } from './json-schema.ts'
import { twinOf } from './twin-of.ts'

/** What the guest answers; each answer is parsed already. */
export interface AdapterGuest {
  plan(question: PlanQuestion): Promise<GuestPlanned>
  undo(question: Required<PlanQuestion>): Promise<{ operation: string; input: JsonObject } | undefined>
  apply(question: ApplyQuestion): Promise<JsonObject>
  health(result: JsonObject): Promise<string>
}

type Described = AdapterDescription['operations'][string]

/** The definition; IF_ERR_MODULE_INVALID where the description contradicts itself. */
export function definitionOf(
  description: AdapterDescription,
  examples: ExamplePlans,
  asked: AdapterGuest,
): ProviderDefinition {
  const { id, operations, settings = {}, secrets } = description
  checkAddresses(description, examples)
  const guest: AdapterGuest = {
    ...asked,
    async plan(question) {
      const planned = await asked.plan(question)
      checkPlaces(planned.request, description.baseUrls)
      return planned
    },
  }
  const entries = Object.entries(operations).map(([name, described]) => {
    const plans = examples[name] ?? []
    return { name, described, plans, isNative: !Object.hasOwn(VOCABULARY, name) }
  })
  const standard = entries.filter(({ isNative }) => !isNative)
  const native = entries.filter(({ isNative }) => isNative)
  return {
    id,
    name: description.name,
    category: description.category,
    version: description.version,
    docs: description.docs,
    sources: [description.docs],
    // What a module says of itself nobody here has checked.
    checkedAt: 'never',
    confidence: 'low',
    standing: 'active',
    baseUrls: description.baseUrls,
    settings: Object.fromEntries(
      Object.entries(settings).map(([name, { pattern, ...setting }]) => [
        name,
        { description: setting.description, pattern: new RegExp(pattern), ...optional('default', setting.default) },
      ]),
    ),
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, { label, get, pattern, required }]) => [
        name,
        { label, get, ...(pattern ? { pattern: new RegExp(pattern) } : {}), ...optional('required', required) },
      ]),
    ),
    auth: authOf(description),
    ...optional('headers', description.headers),
    limits: description.limits,
    ...optional('idempotency', description.idempotency),
    errors: faultsOf(description.faults ?? []),
    health: { ...description.health, tell: (result) => guest.health(result) },
    operations: Object.fromEntries(
      standard.map(({ name, described, plans }) => {
        if (described.input || described.output) {
          throw contradiction(id, `operations.${name}`, 'is in the vocabulary, which has its input and output already')
        }
        const { input } = VOCABULARY[name as keyof typeof VOCABULARY] // `standard` holds no others
        return [name, operationFor(id, name, described, plans, guest, input)]
      }),
    ),
    native: Object.fromEntries(
      native.map(({ name, described, plans }) => [name, nativeFor(id, name, described, plans, guest)]),
    ),
    twin: twinOf(entries),
  }
}

/** Where its requests go, those of its examples included, is all in the description. */
function checkAddresses({ id, baseUrls, settings = {} }: AdapterDescription, examples: ExamplePlans): void {
  for (const [name, address] of Object.entries(baseUrls)) {
    const hole = holesOf(address).find((setting) => !Object.hasOwn(settings, setting))
    if (hole !== undefined)
      throw contradiction(id, `baseUrls.${name}`, `holds {${hole}}, which is none of its settings`)
  }
  for (const { request } of Object.values(examples).flat()) checkPlaces(request, baseUrls)
}

function nativeFor(
  id: string,
  name: string,
  described: Described,
  plans: GuestPlanned[],
  guest: AdapterGuest,
): NativeOperation {
  const { input, output } = described
  if (!input || !output) {
    throw contradiction(id, `operations.${name}`, 'is not in the vocabulary, so it needs an input and an output schema')
  }
  const schema = schemaOf(input, `${id}: operations.${name}.input`)
  return {
    ...operationFor(id, name, described, plans, guest, schema),
    input: schema,
    output: schemaOf(output, `${id}: operations.${name}.output`),
  } as unknown as NativeOperation // the schemas parse what the functions receive and return
}

function operationFor(
  id: string,
  name: string,
  { summary, effect, labels, scope, undo, idempotent, examples }: Described,
  plans: GuestPlanned[],
  guest: AdapterGuest,
  schema: z.ZodType,
): Operation<JsonObject, JsonObject> {
  // The engine asks with what the schema makes of an input: defaults are in it.
  const asParsed = (input: JsonObject) => canonicalJson((schema.safeParse(input).data ?? input) as JsonObject)
  const known = new Map(examples.map((example, at) => [asParsed(example.input), plans[at]]))
  const exampleFor = (input: JsonObject): ReturnType<typeof functionsOf> => {
    const planned = known.get(canonicalJson(input))
    if (planned) return functionsOf(planned)
    throw new FabricError('IF_ERR_INTERNAL', `${id} ${name} was used without asking its module first`)
  }
  const [first, ...others] = examples
  if (!first) throw contradiction(id, `operations.${name}`, 'has no example')
  return {
    summary,
    effect,
    ...(labels ? { labels: withoutUndefined(labels) } : {}),
    ...optional('scope', scope),
    request: (input) => exampleFor(input).request(input),
    result: () => {
      throw new FabricError('IF_ERR_INTERNAL', `${id} ${name}: its results are read by its module`)
    },
    cost: (input) => exampleFor(input).cost(input),
    ...(undo
      ? 'none' in undo
        ? { undo }
        : { undo: () => undefined, undoLabel: undo.operation }
      : effect === 'read'
        ? {}
        : { undo: { none: 'its module names no undo' } }),
    ...optional('idempotent', idempotent),
    remote: {
      prepare: async (input) => functionsOf(await guest.plan({ operation: name, input })),
      result: ({ input, ...response }) => guest.apply({ operation: name, input, response }),
      undo: ({ input, result, before }) =>
        guest.undo({ operation: name, input, undo: { result, before: before ?? null } }),
    },
    examples: [first, ...others],
  }
}

/** What the guest planned for one input, as the functions of an operation for that input. */
function functionsOf(planned: GuestPlanned) {
  const spec = requestSpecOf(planned.request)
  const cost = costOf(planned.cost)
  const { moves, before } = planned
  return {
    request: (_input: JsonObject) => spec,
    cost: (_input: JsonObject) => cost,
    ...(moves ? { moves: () => withoutUndefined(moves) } : {}),
    ...(before ? { before: () => before } : {}),
  }
}

function costOf(cost: GuestPlanned['cost']): Cost {
  if (cost === 'free') return { kind: 'free' }
  if ('unknown' in cost) return { kind: 'unknown', why: cost.unknown }
  const [estimateMicroUsd, maxMicroUsd] = [roundedUp(cost.estimateUsd), roundedUp(cost.maxUsd)]
  if (estimateMicroUsd > maxMicroUsd) {
    throw new FabricError(
      'IF_ERR_MODULE_FAILED',
      `the module says that it costs ${cost.estimateUsd} USD and at most ${cost.maxUsd}`,
      { hint: 'The most that a call may cost is never below what it is expected to cost.' },
    )
  }
  return { kind: 'priced', estimateMicroUsd, maxMicroUsd, basis: cost.basis }
}

/** Micro-USD of a decimal text of dollars; a cost is never understated. */
function roundedUp(usd: string): MicroUsd {
  const [whole = '0', fraction = ''] = usd.split('.')
  const rest = /[1-9]/.test(fraction.slice(6)) ? 1 : 0
  return Number(whole) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0')) + rest
}

function authOf({ id, auth, secrets }: AdapterDescription): Auth {
  const known = (name: string) => {
    if (Object.hasOwn(secrets, name)) return secret(name)
    throw contradiction(id, 'auth', `names the secret ${name}, which is not among its secrets`)
  }
  switch (auth.scheme) {
    case 'none':
      return noAuth()
    case 'bearer':
      return bearer(known(auth.secret))
    case 'basic':
      return basic(known(auth.user), known(auth.password))
    case 'header':
      return header(auth.header, known(auth.secret), auth.prefix)
    case 'query':
      return query(auth.parameter, known(auth.secret))
  }
}

/** An absent member, where the schema's type has one that may be undefined. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const present = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(present) as { [K in keyof T]: Exclude<T[K], undefined> }
}

export const contradiction = (id: string, place: string, problem: string): FabricError =>
  new FabricError('IF_ERR_MODULE_INVALID', `the description of ${id}: ${place} ${problem}`, {
    hint: 'Correct what `describe` answers and build the module again.',
    details: { module: id, place },
  })
