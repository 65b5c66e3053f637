// Playbooks: ordered intents in a YAML file, with inputs, references, conditions and what to do on failure. Expanding one is
// pure: it turns the file and its inputs into drafts of steps and sends nothing.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { z } from 'zod'
import {
  FabricError,
  invalidFile,
  type JsonObject,
  type JsonValue,
  parseDocumentText,
  parseUsd,
  usdOf,
} from '../foundation/index.ts'
import {
  checkCondition,
  escapeReferences,
  fillReferences,
  findReferences,
  keepEscapes,
  ON_FAILURE,
  type Plan,
  type PlanSource,
  type StepDraft,
  valueAt,
} from '../runs/index.ts'

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected letters, digits, hyphens and underscores')

const step = z.strictObject({
  use: z
    .string()
    .regex(/^\S+ \S+$/, 'expected an instance and an operation, as in "slack message.send"')
    .describe('Instance and operation: "slack message.send".'),
  with: z
    .record(z.string(), z.json())
    .default({})
    .describe('Input of the operation; may hold ${steps.NAME.result.FIELD}, ${inputs.NAME}, ${item}.'),
  after: z
    .union([name, z.array(name)])
    .optional()
    .describe('Steps that have to end first; references are waited for by themselves.'),
  when: z.string().min(1).optional().describe('CEL over inputs and steps; the step is skipped where it is false.'),
  forEach: z
    .union([z.array(z.json()), z.string().regex(/^\$\{inputs\.[^}]+\}$/, 'expected a list, or ${inputs.NAME}')])
    .optional()
    .describe('A list; the step is done once for each ${item}, as NAME.0, NAME.1 …'),
})

export const playbookSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().min(1).max(128),
    description: z.string().max(1000).optional(),
    inputs: z
      .record(name, z.record(z.string(), z.json()))
      .default({})
      .describe('JSON Schema of each input; one without default is required.'),
    budget: z
      .string()
      .regex(/^\d+(\.\d{1,6})? ?USD$/, 'expected a number and USD, as in "1 USD"')
      .optional()
      .describe('Of calls, for the whole run; held before the first step.'),
    onFailure: z
      .enum(ON_FAILURE)
      .default('stop')
      .describe(
        'stop: start nothing more. continue: only what depends on it is skipped. undo: take back what was done.',
      ),
    steps: z.record(name, step).refine((steps) => Object.keys(steps).length > 0, 'expected at least one step'),
  })
  .describe('Ordered intents with references, conditions and undo.')

type Playbook = z.output<typeof playbookSchema>

export interface ExpandedPlaybook {
  source: PlanSource
  drafts: StepDraft[]
  onFailure: Plan['onFailure']
  budgetUsd: number | null
}

/** Parses a playbook and fills in its inputs; errors name file, line and field. */
export function expandPlaybook(text: string, file: string, inputs: Record<string, JsonValue>): ExpandedPlaybook {
  const { value: playbook, lineOf } = parseDocumentText(text, playbookSchema, file)
  const given = checkInputs(playbook, file, inputs)
  const drafts = Object.entries(playbook.steps).flatMap(([id, definition]) => {
    const where = `${file}:${lineOf(['steps', id])} steps.${id}`
    const empty = Object.entries(definition.with).find(([, value]) => value === null)
    if (empty) {
      const line = lineOf(['steps', id, 'with', empty[0]])
      throw invalidFile(
        file,
        line,
        `steps.${id}.with.${empty[0]}`,
        'is empty',
        'In YAML a # begins a comment: quote the value, as in to: "#refunds".',
      )
    }
    if (definition.when !== undefined) checkCondition(definition.when, `${where}.when`)
    return itemsOf(definition.forEach, given, where).map((item, index, items): StepDraft => {
      const [instance = '', operation = ''] = definition.use.split(' ')
      return {
        id: item === undefined ? id : `${id}.${index}`,
        instance,
        operation,
        input: fillKnown(definition.with, { inputs: given, item, index, where: `${where}.with` }, items.length),
        after: [definition.after ?? []].flat().flatMap((other) => expandName(playbook, other, given, where)),
        ...(definition.when === undefined ? {} : { when: definition.when }),
        where,
      }
    })
  })
  return {
    source: { kind: 'playbook', name: playbook.name, file, text, inputs: given },
    drafts,
    onFailure: playbook.onFailure,
    budgetUsd: playbook.budget === undefined ? null : usdOf(parseUsd(playbook.budget)),
  }
}

/** Inputs against their schemas, defaults filled in; text from a command line becomes what the schema wants. */
function checkInputs(playbook: Playbook, file: string, inputs: Record<string, JsonValue>): JsonObject {
  const unknown = Object.keys(inputs).find((id) => !Object.hasOwn(playbook.inputs, id))
  if (Object.keys(playbook.inputs).length === 0 && unknown === undefined) return {} // nothing to compile
  const ajv = new Ajv2020({ useDefaults: true, coerceTypes: true, allErrors: false, strict: false })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  const required = Object.entries(playbook.inputs).flatMap(([id, schema]) => ('default' in schema ? [] : [id]))
  const given = structuredClone(inputs) as JsonObject
  let validate: ReturnType<Ajv2020['compile']>
  try {
    validate = ajv.compile({ type: 'object', properties: playbook.inputs, required, additionalProperties: false })
  } catch (cause) {
    throw invalidFile(file, 1, 'inputs', `not a JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  if (validate(given)) return given
  throw inputError(validate.errors?.[0], playbook, file)
}

function inputError(error: ErrorObject | undefined, playbook: Playbook, file: string): FabricError {
  const known = Object.entries(playbook.inputs).map(
    ([id, schema]) => `${id}=${typeof schema.type === 'string' ? `<${schema.type}>` : '…'}`,
  )
  const params = error?.params as { missingProperty?: string; additionalProperty?: string } | undefined
  const problem = params?.missingProperty
    ? `input ${params.missingProperty} is missing`
    : params?.additionalProperty
      ? `there is no input ${params.additionalProperty}`
      : `input ${error?.instancePath.slice(1).replaceAll('/', '.') ?? ''} ${error?.message ?? 'is wrong'}`
  return new FabricError('IF_ERR_INVALID_INPUT', `${file}: ${problem}`, {
    hint: known.length > 0 ? `Give them behind the file: ${known.join(' ')}.` : 'This playbook takes no inputs.',
    next: `ifab plan -f ${file} ${known.join(' ')}`.trim(),
  })
}

function itemsOf(
  forEach: Playbook['steps'][string]['forEach'],
  inputs: JsonObject,
  where: string,
): (JsonValue | undefined)[] {
  if (forEach === undefined) return [undefined]
  if (Array.isArray(forEach)) return forEach.map((item, at) => fillItem(item, inputs, `${where}.forEach[${at}]`))
  const [reference] = findReferences(forEach, `${where}.forEach`)
  const list = reference && valueAt(inputs, reference, `${where}.forEach`)
  if (Array.isArray(list)) return list
  throw new FabricError('IF_ERR_REFERENCE', `${where}.forEach: ${forEach} is not a list`)
}

/** Items are known before the first step, so that a plan shows all of them. */
function fillItem(item: JsonValue, inputs: JsonObject, where: string): JsonValue {
  return fillReferences(item, (reference) => {
    if (reference.root === 'inputs') return valueAt(inputs, reference, where)
    throw new FabricError('IF_ERR_REFERENCE', `${where}: ${reference.text} is not known before the first step`)
  })
}

interface Known {
  inputs: JsonObject
  item: JsonValue | undefined
  index: number
  where: string
}

/** References to inputs and items are known now; those to steps stay for the run, and so do escapes. */
function fillKnown(input: JsonObject, known: Known, count: number): JsonObject {
  return fillReferences(keepEscapes(input), (reference) => {
    switch (reference.root) {
      case 'steps':
        return undefined
      case 'inputs':
        return escapeReferences(valueAt(known.inputs, reference, known.where))
      case 'item':
      case 'index': {
        if (known.item === undefined || count === 0) {
          throw new FabricError('IF_ERR_REFERENCE', `${known.where}: ${reference.text} stands outside of forEach`)
        }
        return reference.root === 'index' ? known.index : escapeReferences(valueAt(known.item, reference, known.where))
      }
    }
  }) as JsonObject
}

/** Waiting for a forEach step is waiting for each of its items. */
function expandName(playbook: Playbook, id: string, inputs: JsonObject, where: string): string[] {
  const { forEach } = playbook.steps[id] ?? {}
  return forEach === undefined ? [id] : itemsOf(forEach, inputs, where).map((_item, index) => `${id}.${index}`)
}
