// An adapter's guest behind the engine's questions: asked through the chassis, each answer parsed before it is believed.
// Planning is seeded by the module and the question, so that every process plans the same and nothing has to be recorded.
import type { z } from 'zod'
import {
  describeIssue,
  FabricError,
  formatPath,
  type JsonValue,
  optional,
  toFabricError,
} from '../../foundation/index.ts'
import type { GuestExport } from '../guest-protocol.ts'
import { appliedSchema, healthSchema, type PlanQuestion, plannedSchema, undoneSchema } from '../module/description.ts'
import type { LoadedModule } from '../module/loaded-module.ts'
import { seedOf } from '../module/seed.ts'
import type { Chassis, GuestResult } from '../port.ts'
import type { AdapterGuest } from './definition-of.ts'

export interface ModuleGuestOptions {
  chassis: Pick<Chassis, 'run'>
  module: LoadedModule
  /** Told how each call went. */
  onCall?: (end: { failure: FabricError | undefined; wallMs: number }) => void
}

/** Asks the module. */
export function guestOf({ chassis, module, onCall }: ModuleGuestOptions): AdapterGuest {
  async function ask<S extends z.ZodType>(
    of: GuestExport,
    question: JsonValue,
    schema: S,
    seed?: string,
  ): Promise<z.output<S>> {
    const started = performance.now()
    let ran: GuestResult | undefined
    let failure: FabricError | undefined
    try {
      ran = await chassis.run({ module, export: of, input: question, ...optional('seed', seed) })
      return parsed(schema, ran.output, `${of} of ${module.id}`)
    } catch (thrown) {
      failure = toFabricError(thrown)
      throw failure
    } finally {
      onCall?.({ failure, wallMs: ran?.wallMs ?? performance.now() - started })
    }
  }
  const planSeed = (question: PlanQuestion) =>
    seedOf({ module: module.digest, operation: question.operation, input: question as unknown as JsonValue })
  return {
    plan: (question) => ask('plan', question as unknown as JsonValue, plannedSchema, planSeed(question)),
    async undo(question) {
      const { undo } = await ask('plan', question as unknown as JsonValue, undoneSchema, planSeed(question))
      return undo ?? undefined
    },
    apply: async (question) => (await ask('apply', question as unknown as JsonValue, appliedSchema)).result,
    health: async (result) => (await ask('health', { result }, healthSchema)).tell,
  }
}

function parsed<S extends z.ZodType>(schema: S, answer: JsonValue, of: string): z.output<S> {
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const place = formatPath(issue?.path ?? []) || 'the answer'
  throw new FabricError(
    'IF_ERR_MODULE_FAILED',
    `${of} answered what is no answer: ${place}: ${issue ? describeIssue(issue) : 'wrong'}`,
    { hint: 'The shapes of questions and answers are in docs/chassis.md.' },
  )
}
