export { DISAGREEMENTS, type Disagreement } from './disagreements.ts'
export type { DescribedRequest, DescribedResponse, Problem } from './exchange.ts'
export { openVendorDescription, type VendorDescription, vendorDescriptionsFolder } from './open.ts'
