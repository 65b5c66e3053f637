// Secrets at rest and by reference, as other rooms may use them.
/** Opens the register of scoped credentials: handles that stand for a secret, for one holder, some operations and minutes. */

export type { KeptKey } from './end-key-change.ts'
export type { KeyRingOptions } from './key-ring.ts'
/** Moves the key of a home between its file and the keyring of the system, and tells where it is. */
export { describeVaultKey, type KeyMove, moveVaultKey, type VaultKeyFacts } from './move-key.ts'
/** Whether origins that a secret is bound to cover one that it may go to; a bound one may be `https://*.example.com`. */
export { coversOrigin } from './origin.ts'
export type { SecretDestination, SecretSource } from './port.ts'
/** Text forms of references: `vault`, `env:VARIABLE`, `file:PATH`. */
export { formatSecretReference, parseSecretReference, type SecretReference } from './reference.ts'
/** Gives a home a new key and encrypts every stored secret again. */
export { type KeyRotation, rotateVaultKey } from './rotate-key.ts'
export {
  type ClaimMark,
  type CredentialGrant,
  type CredentialUse,
  openScopedCredentials,
  type ScopedCredential,
  type ScopedCredentials,
  type ScopedCredentialsOptions,
} from './scoped-credentials.ts'
/** Opens the vault over a store. */
export { openVault, type SourceOptions, type StoredSecret, type Vault, type VaultOptions } from './vault.ts'
export type { KeyPlaceKind } from './vault-key.ts'
