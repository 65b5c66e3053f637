// What this room uses of the WebAssembly API; the types of Node leave it out, and those of browsers bring a thousand names
// that do not exist here.
declare namespace WebAssembly {
  type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'externref' | 'anyfunc'
  type ImportExportKind = 'function' | 'table' | 'memory' | 'global'
  type ImportValue = ((...args: never[]) => unknown) | Memory | Table | Global | number | bigint
  type Imports = Record<string, Record<string, ImportValue>>
  // biome-ignore lint/complexity/noBannedTypes: an export is called with what its signature says
  type ExportValue = Function | Memory | Table | Global
  type Exports = Record<string, ExportValue>

  // biome-ignore lint/suspicious/noEmptyInterface: opaque; esbuild's types declare the same
  interface Module {}
  var Module: {
    new (bytes: Uint8Array | ArrayBuffer): Module
    prototype: Module
    imports(module: Module): { module: string; name: string; kind: ImportExportKind }[]
    exports(module: Module): { name: string; kind: ImportExportKind }[]
    customSections(module: Module, name: string): ArrayBuffer[]
  }

  interface Instance {
    readonly exports: Exports
  }
  var Instance: { new (module: Module, imports?: Imports): Instance; prototype: Instance }

  interface Memory {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  var Memory: {
    new (descriptor: { initial: number; maximum?: number; shared?: boolean }): Memory
    prototype: Memory
  }

  interface Table {
    readonly length: number
    get(index: number): unknown
    set(index: number, value?: unknown): void
    grow(delta: number, value?: unknown): number
  }
  var Table: {
    new (descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number }, value?: unknown): Table
    prototype: Table
  }

  interface Global<T = unknown> {
    value: T
    valueOf(): T
  }
  var Global: {
    new (descriptor: { value: ValueType; mutable?: boolean }, value?: unknown): Global
    prototype: Global
  }

  var CompileError: ErrorConstructor
  var LinkError: ErrorConstructor
  var RuntimeError: ErrorConstructor

  function validate(bytes: Uint8Array | ArrayBuffer): boolean
  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
  function instantiate(
    bytes: Uint8Array | ArrayBuffer,
    imports?: Imports,
  ): Promise<{ module: Module; instance: Instance }>
}
