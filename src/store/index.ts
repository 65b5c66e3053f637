// The store room: where records live. One port, several engines that pass one conformance suite.
export { openEmbeddedStore } from './embedded.ts'
export type { EmbeddedStoreOptions } from './embedded-options.ts'
export { forgetUnmoved } from './forget-unmoved.ts'
export { HighWaterFile, type HighWaterFileOptions } from './high-water-file.ts'
export { type JournalLoss, LOSSES } from './journal-mark.ts'
export { type MemoryStoreOptions, openMemoryStore } from './memory.ts'
export {
  type Change,
  type CommitOptions,
  type CommitResult,
  type Entry,
  JsonText,
  keyOf,
  type LogBatch,
  type LogEntry,
  prefixOf,
  type RangeOptions,
  type Revision,
  type Sequencer,
  type Store,
  type StoreCapabilities,
  segmentsOf,
  type WatchOptions,
  type Write,
} from './port.ts'
/** Compare-and-swap in a loop. */
export { retryConflict } from './retry-conflict.ts'
