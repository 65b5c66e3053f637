// `ifab.lock`: which manifests a project was made with. What a provider may reach and do is signed, but a later version may
// be allowed more: a project is planned with the manifests that it was locked with, or with ones that go no further.
import { stringify } from 'yaml'
import { z } from 'zod'
import type { Manifest } from '../adapter/index.ts'
import { FabricError, isFabricError, readDocument, shortId } from '../foundation/index.ts'
import type { Plan } from '../runs/index.ts'
import type { ProviderDetail } from './port.ts'
import { type Reach, reachOf, reachSchema, widenings } from './reach.ts'

export const LOCK_FILE = 'ifab.lock'

const lockSchema = z
  .strictObject({
    version: z.literal(1),
    providers: z.record(
      z.string(),
      z.strictObject({
        version: z.string(),
        digest: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex'),
        signedBy: z.string(),
        reach: reachSchema.optional(), // locks of before have none
      }),
    ),
  })
  .describe('Manifests that a project was made with.')

export type Lock = z.output<typeof lockSchema>

/** The lock; undefined where there is none. IF_ERR_INVALID_FILE with path and line where it is wrong. */
export async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return (await readDocument(path, lockSchema)).value
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return undefined
    throw thrown
  }
}

/** What a lock is made from. */
export type Lockable = Pick<ProviderDetail, 'id' | 'manifest' | 'hosts' | 'scopes'> & {
  operations: readonly { id: string; effect: string }[]
}

/** The lock's text for these providers, in the order of their ids. */
export function lockText(providers: readonly Lockable[]): string {
  const ordered = [...providers].sort((a, b) => (a.id < b.id ? -1 : 1))
  const lock: Lock = {
    version: 1,
    providers: Object.fromEntries(
      ordered.map((provider) => {
        const { version, digest, signedBy } = provider.manifest
        return [provider.id, { version, digest, signedBy, reach: lockedReach(provider) }]
      }),
    ),
  }
  return `# Made by \`ifab lock\`: the manifests that this project is planned with. Keep it in git.\n${stringify(lock, { lineWidth: 0 })}`
}

/** By provider, what it may do now that the lock did not grant; of locks without a reach any other manifest is news. */
export function newSince(lock: Lock, providers: readonly Lockable[]): Map<string, string[]> {
  const news = providers.map(({ id, manifest, ...rest }): [string, string[]] => {
    const locked = Object.hasOwn(lock.providers, id) ? lock.providers[id] : undefined
    if (!locked || locked.digest === manifest.digest) return [id, []]
    return [id, locked.reach ? widenings(locked.reach, lockedReach(rest)) : ['has another manifest']]
  })
  return new Map(news.filter(([, more]) => more.length > 0))
}

const lockedReach = ({ hosts, scopes, operations }: Pick<Lockable, 'hosts' | 'scopes' | 'operations'>): Reach => ({
  hosts,
  scopes,
  effects: Object.fromEntries(operations.map(({ id, effect }) => [id, effect])),
})

/** Refuses a plan that rests on a manifest that goes further than the lock says (IF_ERR_PLAN_MOVED). */
export async function requireLocked<P extends Pick<Plan, 'basis'>>(
  path: string | undefined,
  plan: P,
  manifestOf: (provider: string) => Promise<Manifest>,
): Promise<P> {
  const lock = path === undefined ? undefined : await readLock(path)
  for (const [id, digest] of Object.entries(plan.basis.manifests)) {
    const locked = lock && Object.hasOwn(lock.providers, id) ? lock.providers[id] : undefined
    if (!locked || locked.digest === digest) continue
    const more = locked.reach ? widenings(locked.reach, reachOf(await manifestOf(id))) : []
    if (!locked.reach || more.length > 0) throw moved(path ?? LOCK_FILE, { id, digest, locked, more })
  }
  return plan
}

const moved = (
  path: string,
  { id, digest, locked, more }: { id: string; digest: string; locked: Lock['providers'][string]; more: string[] },
): FabricError =>
  new FabricError(
    'IF_ERR_PLAN_MOVED',
    more.length > 0
      ? `${id} may do more than ${path} grants (${locked.version}, ${shortId(locked.digest)}): ${shortList(more)}`
      : `the manifest of ${id} is ${shortId(digest)}, and ${path} says ${shortId(locked.digest)} (${locked.version}, signed by ${locked.signedBy})`,
    {
      hint: `Look at what ${id} may do now (ifab provider show ${id}), then lock it anew, or go back to the version of InfraFabric that it was locked with.`,
      next: 'ifab lock',
      details: { provider: id, digest, locked: locked.digest, lock: path, more },
    },
  )

const shortList = (words: readonly string[]): string =>
  words.length > 5 ? `${words.slice(0, 5).join('; ')}; and ${words.length - 5} more` : words.join('; ')
