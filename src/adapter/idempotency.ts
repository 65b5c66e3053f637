// Where a request has the vendor's idempotency key: in a header, by its method, or in a body that holds a place for it.
import type { ProviderDefinition } from './definition.ts'
import type { EncodedBody } from './encoded-body.ts'

/** The header that takes the key under this method, undefined where none does. */
export const keyHeaderOf = ({ idempotency }: ProviderDefinition, method: string): string | undefined =>
  idempotency?.methods?.includes(method) ? idempotency.header : undefined

export const hasKeyInBody = (encoded: EncodedBody | undefined): boolean =>
  encoded?.pieces?.some((piece) => typeof piece !== 'string' && 'key' in piece) === true
