// JSON Schema of every file that a user writes, for editors: derived from the schemas that parse them.
import { z } from 'zod'
import { instanceSchema, manifestSchema, trustSchema } from './adapter/index.ts'
import { playbookSchema } from './bus/index.ts'
import { configSchema } from './foundation/index.ts'

const jsonSchema = (title: string, schema: z.ZodType) => (): Record<string, unknown> => ({
  title,
  ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
})

/** By file name below `schemas/`. */
export const SCHEMAS: Record<string, () => Record<string, unknown>> = {
  'config.schema.json': jsonSchema('config.yaml of an InfraFabric home', configSchema),
  'instance.schema.json': jsonSchema('An InfraFabric instance (providers/NAME.yaml)', instanceSchema),
  'manifest.schema.json': jsonSchema('An InfraFabric provider manifest', manifestSchema),
  'playbook.schema.json': jsonSchema('An InfraFabric playbook', playbookSchema),
  'trust.schema.json': jsonSchema('Trusted keys of InfraFabric (trust/keys.yaml)', trustSchema),
}
