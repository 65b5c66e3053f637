// `daemon.json` of a home: where its daemon is. The daemon writes it when it is ready and removes it when it ends; one that was
// killed leaves it behind, so that it proves nothing.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export const daemonFile = (home: string): string => join(home, 'daemon.json')

const schema = z.object({
  pid: z.int().positive(),
  socket: z.string(),
  url: z.string(),
  version: z.string(),
  /** RFC 3339. */
  startedAt: z.string(),
})

export type DaemonRecord = z.output<typeof schema>

/** Undefined where there is none, or none that can be read. */
export async function readDaemonFile(home: string): Promise<DaemonRecord | undefined> {
  const text = await readFile(daemonFile(home), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // torn by hand: as none
  }
}
