// `when` of a step: CEL over `inputs` and `steps` (`steps.find.result.amount > 100`).
import { evaluate, parse } from '@marcbachmann/cel-js'
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'

export interface ConditionScope {
  inputs: JsonObject
  steps: Record<string, { state: string; result: JsonValue }>
}

/** Refuses a condition that does not parse; IF_ERR_INVALID_INPUT says where. */
export function checkCondition(text: string, where: string): void {
  try {
    parse(text)
  } catch (cause) {
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      `${where}: ${JSON.stringify(text)} is not a condition: ${firstLine(cause)}`,
      {
        hint: 'Conditions are CEL: steps.find.result.status == "succeeded" && inputs.notify.',
        cause,
      },
    )
  }
}

/** Whether the condition holds; anything but true or false is refused. */
export function holds(text: string, scope: ConditionScope, where: string): boolean {
  let value: unknown
  try {
    value = evaluate(text, { ...scope })
  } catch (cause) {
    throw new FabricError('IF_ERR_REFERENCE', `${where}: ${text} can't be decided: ${firstLine(cause)}`, { cause })
  }
  if (typeof value === 'boolean') return value
  throw new FabricError('IF_ERR_INVALID_INPUT', `${where}: ${text} is ${typeof value}, not true or false`)
}

const firstLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''
