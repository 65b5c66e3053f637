import type { JsonObject } from '../foundation/index.ts'

/** A step before it is planned; its input may hold `${steps.…}` references. */
export interface StepDraft {
  id: string
  instance: string
  operation: string
  input: JsonObject
  after: string[]
  when?: string
  /** Where it stands, for errors: `refund.yaml:12 steps.find`. */
  where?: string
}
