// Twins of this home: served by one process, found by others through the store. Only generated test secrets are involved.
import { FabricError, type Secret } from '../foundation/index.ts'
import { keyOf } from '../store/index.ts'
import { openTwin, parseFault, type Twin } from '../twin/index.ts'
import type { Composition } from './acting.ts'
import type { ServedTwins, ServeTwins } from './port.ts'

type ServedTwinRecord = { url: string; pid: number; secrets: string[] }

const twinKey = (provider: string): string => keyOf('twin', provider)

/** Where the vault keeps a twin's test secrets meanwhile; no instance can have this name. */
const vaultName = (provider: string): string => `~twin-${provider}`

export async function serveTwins(parts: Composition, options: ServeTwins): Promise<ServedTwins> {
  if (options.providers.length === 0) {
    const known = await parts.catalogue.ids()
    throw new FabricError('IF_ERR_USAGE', 'no provider was named', { hint: `There are ${known.join(', ')}.` })
  }
  const opened: Twin[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((twin) => twin.close()))
    for (const twin of opened) await forget(parts, twin)
  }
  try {
    for (const [at, id] of options.providers.entries()) {
      const provider = await parts.catalogue.load(id)
      const twin = await openTwin({
        provider,
        clock: parts.clock,
        logger: parts.logger,
        faults: faultsFor(id, options.faults ?? []),
        ...(options.port === undefined ? {} : { port: options.port + at }),
        ...(options.specs === undefined ? {} : { specs: options.specs }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
      })
      opened.push(twin)
      for (const [name, secret] of Object.entries(twin.secrets))
        await parts.vault.set(vaultName(id), name, secret, { origins: [twin.url] })
      const record: ServedTwinRecord = { url: twin.url, pid: process.pid, secrets: Object.keys(twin.secrets) }
      await parts.store.commit([{ key: twinKey(id), value: record, expect: 'any' }])
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
  return {
    twins: opened.map((twin) => ({
      provider: twin.provider,
      url: twin.url,
      secrets: { ...twin.secrets },
      effects: () => twin.effects.map(({ operation, key, id }) => ({ operation, key: key ?? null, id: id ?? null })),
    })),
    close,
  }
}

/** The twin of a provider that a process of this home serves; undefined when there is none or its process is gone. */
export async function servedTwin(
  parts: Pick<Composition, 'store' | 'vault'>,
  provider: string,
): Promise<{ url: string; secrets: Record<string, Secret> } | undefined> {
  const served = (await parts.store.get<ServedTwinRecord>(twinKey(provider)))?.value
  if (!served || !isRunning(served.pid)) return undefined
  const references = Object.fromEntries(served.secrets.map((name) => [name, { kind: 'vault' as const }]))
  const source = parts.vault.sourceFor({ instance: vaultName(provider), references, origins: [served.url] })
  const opened = await Promise.all(
    served.secrets.map(async (name) => [name, await source.open(name, served.url)] as const),
  )
  return { url: served.url, secrets: Object.fromEntries(opened) }
}

async function forget(parts: Composition, twin: Twin): Promise<void> {
  const entry = await parts.store.get<ServedTwinRecord>(twinKey(twin.provider))
  if (entry?.value.url !== twin.url) return
  await parts.store.commit([{ key: entry.key, value: undefined, expect: entry.revision }])
  await parts.vault.remove(vaultName(twin.provider))
}

/** Faults for one twin: those that name it (`stripe/payment.create:503`) and those that name none. */
const faultsFor = (provider: string, faults: readonly string[]) =>
  faults.flatMap((fault) => {
    const named = /^([a-z0-9-]+)\/(.+)$/.exec(fault)
    if (!named) return [parseFault(fault)]
    return named[1] === provider ? [parseFault(named[2] ?? '')] : []
  })

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
