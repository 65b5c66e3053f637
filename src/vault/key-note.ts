// `vault.key.where`: a note beside the key files that says that the key is in the keyring of the system and under which
// name. For people who look for the key file, and for a database that was restored from before the move.
import { readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { FabricError } from '../foundation/index.ts'
import { keyUnusable } from './vault-key.ts'

const noteSchema = z.strictObject({
  version: z.literal(1),
  where: z.literal('keyring'),
  name: z.string().regex(/^vault\.[a-z0-9]+\.key$/),
})

export type KeyNote = z.infer<typeof noteSchema>

const pathIn = (keysDir: string): string => join(keysDir, 'vault.key.where')

/** The note, or undefined where there is none. */
export async function readKeyNote(keysDir: string): Promise<KeyNote | undefined> {
  const path = pathIn(keysDir)
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined
    throw noteUnusable(path, thrown)
  })
  if (text === undefined) return undefined
  const parsed = noteSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw noteUnusable(path)
}

/** Writes the note as a whole. */
export async function writeKeyNote(keysDir: string, name: string): Promise<void> {
  const path = pathIn(keysDir)
  const draft = `${path}.${process.pid}`
  const note: KeyNote = { version: 1, where: 'keyring', name }
  await writeFile(draft, `${JSON.stringify(note)}\n`, { mode: 0o600, flush: true })
  await rename(draft, path)
}

export async function removeKeyNote(keysDir: string): Promise<void> {
  await unlink(pathIn(keysDir)).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw thrown
  })
}

const noteUnusable = (file: string, cause?: unknown): FabricError =>
  keyUnusable('the note that says where it lies cannot be read', {
    file,
    cause,
    hint: 'Restore the file from a backup, or remove it where the key is in a file.',
  })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is no note; the schema says so.
    return undefined
  }
}
