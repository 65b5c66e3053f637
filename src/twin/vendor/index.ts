export { DISAGREEMENTS, type Disagreement } from './disagreements.ts'
export {
  type DescribedRequest,
  type DescribedResponse,
  openVendorDescription,
  type Problem,
  type VendorDescription,
  vendorDescriptionsFolder,
} from './open.ts'
