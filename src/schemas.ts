// JSON Schema of every file that a user writes, for editors: derived from the schemas that parse them.
import { z } from 'zod'
import { instanceSchema, manifestSchema, trustSchema } from './adapter/index.ts'
import { playbookSchema } from './bus/index.ts'
import { serviceContractSchema } from './chassis/index.ts'
import { configSchema, projectSchema } from './foundation/index.ts'
import { resourcePolicySchema } from './governor/index.ts'
import { caseFileSchema } from './guard/index.ts'

const jsonSchema = (title: string, schema: z.ZodType) => (): Record<string, unknown> => ({
  title,
  ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
})

/** By file name below `schemas/`. */
export const SCHEMAS: Record<string, () => Record<string, unknown>> = {
  'config.schema.json': jsonSchema('config.yaml of an InfraFabric home', configSchema),
  'governor-policy.schema.json': jsonSchema(
    'Limits of the governor (policies/resource-policy.yaml)',
    resourcePolicySchema,
  ),
  'instance.schema.json': jsonSchema('An InfraFabric instance (providers/NAME.yaml)', instanceSchema),
  'manifest.schema.json': jsonSchema('An InfraFabric provider manifest', manifestSchema),
  'playbook.schema.json': jsonSchema('An InfraFabric playbook', playbookSchema),
  'policy-test.schema.json': jsonSchema('Table tests of policies', caseFileSchema),
  'project.schema.json': jsonSchema('An InfraFabric project (ifab.yaml)', projectSchema),
  'service-contract.schema.json': jsonSchema(
    'What a module may use and promises (contract.yaml)',
    serviceContractSchema,
  ),
  'trust.schema.json': jsonSchema('Trusted keys of InfraFabric (trust/keys.yaml)', trustSchema),
}
