// The chassis: modules that others wrote, run in WebAssembly within the limits of their contracts, as other rooms may use
// it. Nothing here opens a socket, a file of the guest's choosing or a secret.

/** An adapter's description as a provider's definition. */
export { type AdapterGuest, definitionOf } from './adapter/definition-of.ts'
/** The manifest of an adapter, unsigned, and how a provider that comes from a module is told from others. */
export { manifestOf, moduleProviderDigest } from './adapter/manifest-of.ts'
/** A module behind the questions of the engine. */
export { guestOf } from './adapter/module-guest.ts'
/** Builds a signed module file from code, in a sandbox. */
export {
  type BuildOptions,
  type BuiltModule,
  buildModule,
} from './build/build-module.ts'
/** Writes a small module that works, to begin from. */
export {
  type NewModule,
  type NewModuleOptions,
  newModule,
  TEMPLATE_LANGUAGES,
  type TemplateLanguage,
} from './build/new-module.ts'
/** The metered engine of scripts, compiled once. */
export { quickJsModule } from './guest/quickjs-module.ts'
export { GUEST_EXPORTS, type GuestExport, type GuestUsage } from './guest-protocol.ts'
export type { AdapterDescription, Description } from './module/description.ts'
/** Verifies a module file without keeping it. */
export { type LoadOptions, loadModule } from './module/load-module.ts'
export type { LoadedModule } from './module/loaded-module.ts'
/** Reads a module file from anywhere, bounded. */
export { readModuleFile } from './module/module-folder.ts'
/** The modules of a home. */
export { type ModuleChange, type ModuleEntry, type ModuleLibrary, openModules } from './module/module-library.ts'
/** The operator's own signing key, made at first use and trusted in its home alone. */
export { type OwnKey, ownKey } from './module/own-key.ts'
/** The contract of a module, and what a call may use under it. */
export {
  limitsOf,
  parseServiceContract,
  readServiceContract,
  type ServiceContract,
  serviceContractSchema,
} from './module/service-contract.ts'
/** The pool in which guests run. */
export { type ChassisOptions, openChassis } from './pool/open-chassis.ts'
export type { Chassis, GuestCall, GuestHost, GuestKv, GuestResult, ModuleResources } from './port.ts'
