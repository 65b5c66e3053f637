// Secrets at rest and by reference, as other rooms may use them.
export type { SecretSource } from './port.ts'
/** Text forms of references: `vault`, `env:VARIABLE`, `file:PATH`. */
export { formatSecretReference, parseSecretReference, type SecretReference } from './reference.ts'
/** Opens the vault over a store. */
export { openVault, type SourceOptions, type StoredSecret, type Vault, type VaultOptions } from './vault.ts'
