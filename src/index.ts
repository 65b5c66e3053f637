// The public API of the package; nothing else is public.
export { defineProvider, type ProviderDefinition } from './adapter/index.ts'
export {
  type AddInstance,
  type ApplyOptions,
  type ApprovalView,
  type BudgetView,
  type DoctorCheck,
  type Fabric,
  type Finding,
  type HealthReport,
  type Intent,
  type OpenFabricOptions,
  type OperationDetail,
  openFabric,
  type PlanOptions,
  type ProviderDetail,
  type ProviderSummary,
  type Receipt,
  type Run,
  type SecretInput,
  type ServedTwins,
  type ServeTwins,
  type WitnessReport,
} from './fabric/index.ts'
export { ERRORS, type ErrorCode, FabricError } from './foundation/index.ts'
export type { OnRunEvent, Plan, PlanStep, RunEvent, RunRecord, StepRecord } from './runs/index.ts'
