// Every file of a folder as text, to look for what must not stand there.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export async function readFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
}
