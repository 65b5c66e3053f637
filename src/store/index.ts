// The store room: where records live. One port, several engines that pass one conformance suite.
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded.ts'
export { type MemoryStoreOptions, openMemoryStore } from './memory.ts'
export {
  type Change,
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
  type Write,
} from './port.ts'
