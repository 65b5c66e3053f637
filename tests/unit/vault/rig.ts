// A vault over a memory store, with a key folder of its own that is removed after the test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { FabricError, Redactor, systemClock } from '../../../src/foundation/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { openVault, type SecretReference, type Vault } from '../../../src/vault/index.ts'

export const CANARY = 'sk_canary_Zx81+/=pQ'
export const ORIGIN = 'https://api.example.com'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ifab-vault-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Rig {
  vault: Vault
  store: Store
  keysDir: string
  env: Record<string, string | undefined>
  redactor: Redactor
  /** A second vault over the same home, as after a restart. */
  reopen: () => Vault
  open: (reference: SecretReference, origin?: string) => Promise<string>
}

export async function setUp(): Promise<Rig> {
  const store = await openMemoryStore()
  cleanups.push(() => store.close())
  const keysDir = join(temporaryFolder(), 'keys')
  const env: Record<string, string | undefined> = {}
  const redactor = new Redactor()
  const reopen = () => openVault({ keysDir, store, env, clock: systemClock, redactor })
  const vault = reopen()
  return {
    vault,
    store,
    keysDir,
    env,
    redactor,
    reopen,
    async open(reference, origin = ORIGIN) {
      const source = vault.sourceFor({ instance: 'shop', references: { KEY: reference }, origins: [ORIGIN] })
      return (await source.open('KEY', origin)).reveal()
    },
  }
}

export async function failureOf(call: Promise<unknown>): Promise<FabricError> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (outcome instanceof FabricError) return outcome
  throw new Error(`expected a FabricError, got ${String(outcome)}`)
}
