// Twins: providers served on loopback from their definitions, for rehearsal and tests.
/** A fault of a twin itself. */
export type { TwinProblem } from './call-desk.ts'
/** What was asked of a twin, and what really happened there. */
export type { CallRecord, TwinCalls, TwinEffect } from './call-log.ts'
/** `OPERATION:WHAT[@PROBABILITY]` and back; a wrong one fails with IF_ERR_INVALID_INPUT. */
export { formatFault, type InjectedFault, parseFault } from './faults.ts'
/** Starts a twin of one provider on 127.0.0.1. */
export { openTwin, type Twin, type TwinOptions } from './twin.ts'
/** A vendor's published description, which requests and answers are held against. */
export {
  type DescribedRequest,
  type DescribedResponse,
  openVendorDescription,
  type Problem,
  type VendorDescription,
  vendorDescriptionsFolder,
} from './vendor/index.ts'
