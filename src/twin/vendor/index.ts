export type { BodyEncoding, DescribedRequest, DescribedResponse, Problem } from './exchange.ts'
export {
  type DescribedProvider,
  openVendorDescription,
  type VendorDescription,
  vendorDescriptionsFolder,
} from './open.ts'
