// The inputs that a playbook declares, as one JSON Schema, so that key=value after -f is typed like anywhere else.
import { z } from 'zod'
import { type JsonObject, type JsonValue, readDocument } from '../../foundation/index.ts'
import type { Io } from '../io.ts'
import { parseAssignments } from './assignments.ts'
import { readWholeInput } from './whole-input.ts'

// Only the inputs matter here; the fabric checks the whole file.
const playbook = z.looseObject({ inputs: z.record(z.string(), z.json()).default({}) })

export async function playbookInputs(
  file: string,
  words: readonly string[],
  options: { input: string | undefined; io: Io },
): Promise<Record<string, JsonValue>> {
  const base = options.input === undefined ? {} : await readWholeInput(options.input, options.io)
  return parseAssignments(words, await playbookSchema(file), base)
}

export async function playbookSchema(file: string): Promise<JsonObject> {
  const { value } = await readDocument(file, playbook)
  return { type: 'object', properties: value.inputs as JsonObject, additionalProperties: false } // z.json() parsed it
}
