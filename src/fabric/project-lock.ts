// `ifab.lock`: which manifests a project was made with. What a provider may reach and do is signed, but a later version may
// be allowed more; a project that is planned elsewhere is planned with the same ones, or refused with what differs.
import { stringify } from 'yaml'
import { z } from 'zod'
import { FabricError, isFabricError, readDocument, shortId } from '../foundation/index.ts'
import type { Plan } from '../runs/index.ts'
import type { ProviderSummary } from './port.ts'

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

/** The lock's text for these providers, in the order of their ids. */
export function lockText(providers: readonly Pick<ProviderSummary, 'id' | 'manifest'>[]): string {
  const ordered = [...providers].sort((a, b) => (a.id < b.id ? -1 : 1))
  const lock: Lock = {
    version: 1,
    providers: Object.fromEntries(
      ordered.map(({ id, manifest: { version, digest, signedBy } }) => [id, { version, digest, signedBy }]),
    ),
  }
  return `# Made by \`ifab lock\`: the manifests that this project is planned with. Keep it in git.\n${stringify(lock, { lineWidth: 0 })}`
}

/** Refuses a plan that rests on another manifest than the lock says (IF_ERR_PLAN_MOVED). */
export async function requireLocked<P extends Pick<Plan, 'basis'>>(path: string | undefined, plan: P): Promise<P> {
  const lock = path === undefined ? undefined : await readLock(path)
  for (const [id, digest] of Object.entries(plan.basis.manifests)) {
    const locked = lock && Object.hasOwn(lock.providers, id) ? lock.providers[id] : undefined
    if (locked && locked.digest !== digest) throw moved(path ?? LOCK_FILE, { id, digest, locked })
  }
  return plan
}

const moved = (
  path: string,
  { id, digest, locked }: { id: string; digest: string; locked: Lock['providers'][string] },
): FabricError =>
  new FabricError(
    'IF_ERR_PLAN_MOVED',
    `the manifest of ${id} is ${shortId(digest)}, and ${path} says ${shortId(locked.digest)} (${locked.version}, signed by ${locked.signedBy})`,
    {
      hint: `Look at what ${id} may do now (ifab provider show ${id}), then lock it anew, or go back to the version of InfraFabric that it was locked with.`,
      next: 'ifab lock',
      details: { provider: id, digest, locked: locked.digest, lock: path },
    },
  )
