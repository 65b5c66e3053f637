// An Ed25519 key of a test, as one that is trusted.
import { generateKeyPairSync } from 'node:crypto'
import { rawPublicKey, type TrustedKey } from '../../src/adapter/index.ts'

export interface TestKey {
  pem: string
  trusted: TrustedKey
}

export function signingKey(name = 'test'): TestKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    trusted: { name, algorithm: 'ed25519', publicKey: rawPublicKey(privateKey) },
  }
}
