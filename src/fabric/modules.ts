// The part of a fabric's face about modules: loading, running, and what they have come to.

import { type LoadedModule, loadModule, type ModuleEntry } from '../chassis/index.ts'
import { FabricError, type JsonObject, optional, parseAddress, timestamp } from '../foundation/index.ts'
import { describeVaultKey, moveVaultKey, rotateVaultKey } from '../vault/index.ts'
import type { Composition } from './acting.ts'
import { type ModuleRunParts, runGuest } from './module-run.ts'
import type { CredentialView, ModuleFile, Modules, ModuleView, VaultKeys, VaultKeyView } from './modules-port.ts'
import { performanceOf, reputationsOf } from './performance.ts'

export function modulesOf(parts: Composition, run: Omit<ModuleRunParts, 'parts'>): Modules {
  const { modules, chassis, credentials, catalogue } = parts
  return {
    async modules() {
      const entries = await modules.list()
      return {
        modules: entries.flatMap((entry) => (entry.module ? [viewOf(entry.module, entry.active)] : [])),
        broken: entries.flatMap(({ file, fault }) =>
          fault ? [{ file, fault: { code: fault.code, message: fault.message, hint: fault.hint ?? null } }] : [],
        ),
      }
    },

    async checkModule(file) {
      const module = await verified(parts, file)
      return viewOf(module, false)
    },

    async loadModule(file, { replace } = {}) {
      requirePerson(parts, 'load a module')
      const checked = await verified(parts, file)
      if (checked.description.kind === 'adapter') {
        refuseShadow(parts, checked)
        catalogue.check(checked)
      }
      const module = await modules.add(bytesOf(file), { name: file.name, ...optional('replace', replace) })
      await witness(parts, 'module.load', module)
      return viewOf(module, await isActive(parts, module))
    },

    async unloadModule(reference) {
      requirePerson(parts, 'unload a module')
      const entry = await entryOf(parts, reference)
      await modules.remove(`${entry.id}@${entry.version}`)
      if (!entry.module) throw entry.fault
      chassis.forget(entry.module.digest)
      await witness(parts, 'module.unload', entry.module)
      return viewOf(entry.module, false)
    },

    runModule: async (named, how = {}) => {
      const module = typeof named === 'string' ? await modules.get(named) : await verified(parts, named)
      return runGuest({ parts, ...run }, module, how)
    },

    performance: (filter = {}) => performanceOf(parts, filter),
    reputations: async (filter = {}) => reputationsOf(parts, filter),
    moduleResources: async () => chassis.resources(),

    credentials: async () => credentials.list().map(credentialView),
    async revokeCredential(id) {
      requirePerson(parts, 'revoke a credential')
      if (credentials.revoke(id)) return
      throw new FabricError('IF_ERR_NOT_FOUND', `there is no credential ${id}`, { next: 'ifab chassis credentials' })
    },
  }
}

export function vaultKeysOf(parts: Composition): VaultKeys {
  const { home, store, env, vault } = parts
  const of = { keysDir: home.keys, store, env }
  const view = async (): Promise<VaultKeyView> => {
    const key = await describeVaultKey(of)
    return { place: key?.where ?? 'file', id: key?.id ?? 'none', secrets: (await vault.list()).length }
  }
  return {
    vaultKey: view,
    async moveVaultKey(to) {
      requirePerson(parts, 'move the key of the vault')
      const moved = await moveVaultKey({ ...of, to })
      await note(parts, 'vault.key-move', { id: moved.id, to })
      return view()
    },
    async rotateVaultKey() {
      requirePerson(parts, 'change the key of the vault')
      const rotated = await rotateVaultKey(of)
      await note(parts, 'vault.key-rotate', { id: rotated.id, secrets: rotated.secrets })
      return view()
    },
  }
}

/** What a handed-in file holds, signed by a key that is trusted now. */
const verified = async ({ trustedKeys }: Composition, file: ModuleFile): Promise<LoadedModule> =>
  loadModule(bytesOf(file), { file: file.name, trustedKeys: await trustedKeys() })

const bytesOf = ({ base64 }: ModuleFile): Uint8Array => Buffer.from(base64, 'base64')

function refuseShadow({ catalogue }: Composition, { id }: LoadedModule): void {
  if (!catalogue.isShipped(id)) return
  throw new FabricError('IF_ERR_ALREADY_EXISTS', `${id} is a provider of InfraFabric itself`, {
    hint: 'Give the adapter an id of its own and build it again.',
  })
}

async function entryOf({ modules }: Composition, reference: string): Promise<ModuleEntry> {
  const [id, version] = reference.split('@')
  const entries = (await modules.list()).filter((entry) => entry.id === id)
  const found = version
    ? entries.find((entry) => entry.version === version)
    : (entries.find(({ active }) => active) ?? entries[0])
  if (found) return found
  throw new FabricError('IF_ERR_NOT_FOUND', `no module ${reference} is loaded`, { next: 'ifab chassis list' })
}

const isActive = async ({ modules }: Composition, { id, version }: LoadedModule): Promise<boolean> =>
  (await modules.list()).some((entry) => entry.active && entry.id === id && entry.version === version)

function viewOf(module: LoadedModule, active: boolean): ModuleView {
  const { id, version, digest, signedBy, description, contract, manifest, size } = module
  const operations = description.kind === 'adapter' ? Object.entries(description.operations) : []
  return {
    id,
    version,
    kind: description.kind,
    name: description.name,
    digest,
    signedBy,
    active,
    operations: operations.map(([name, { effect }]) => ({ id: name, effect })),
    hosts: manifest?.hosts ?? [],
    contract: contract as unknown as JsonObject, // JSON by its schema
    sizeBytes: size,
    input: description.kind === 'agent' ? (description.input ?? null) : null,
  }
}

const credentialView = ({
  id,
  holder,
  instance,
  operations,
  endpoints,
  claim,
  expiresAt,
}: ReturnType<Composition['credentials']['list']>[number]): CredentialView => ({
  id,
  holder,
  instance,
  operations,
  endpoints,
  task: claim?.task ?? null,
  expiresAt,
})

function requirePerson({ acting }: Composition, what: string): void {
  if (parseAddress(acting.actor).kind === 'person') return
  throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${acting.actor} may not ${what}`, { hint: 'Only a person does.' })
}

const witness = (parts: Composition, kind: string, { id, version, digest, signedBy }: LoadedModule): Promise<void> =>
  note(parts, kind, { module: id, version, digest, signedBy })

async function note({ store, clock, acting }: Composition, kind: string, detail: JsonObject): Promise<void> {
  const { actor, session, why } = acting
  const at = timestamp(clock.now())
  await store.commit([], [{ kind, at, actor, session, ...optional('why', why), detail }])
}
