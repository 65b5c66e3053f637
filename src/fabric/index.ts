// The fabric room: the composition root. `openFabric` wires the rooms of one home and gives them one face.
export { openFabric } from './open.ts'
export { packageRoot } from './package-root.ts'
export type {
  AddInstance,
  ApplyOptions,
  ApprovalView,
  BudgetView,
  DoctorCheck,
  Fabric,
  Finding,
  HealthReport,
  Intent,
  OpenFabricOptions,
  OperationDetail,
  PlanOptions,
  ProviderDetail,
  ProviderSummary,
  Receipt,
  Run,
  SecretInput,
  ServedTwins,
  ServeTwins,
  WitnessReport,
} from './port.ts'
