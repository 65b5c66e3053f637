export interface MeterOptions {
  /**
   * `exact`: one unit for each instruction executed, and more for those that take far longer than the rest.
   * `loops`: one for each turn of a loop and each call that may close a cycle, so that nothing goes on without end.
   * Cheaper, for large code that is trusted not to be hostile: straight work between two charges has no bound that
   * would be small.
   */
  charge: 'exact' | 'loops'
  /** Pages of 64 KiB that the module's own memory may grow to; left out, as it declares. */
  memory?: { maxPages: number }
  /** Lets the module import its memory, whose maximum the host then sets. Default false: refused. */
  importedMemory?: boolean
  /** Elements that all its tables together may grow to; left out, as it declares. */
  tableElements?: number
  /** Nested calls; left out, they are not counted and `__depth` is not there. */
  callDepth?: number
}
