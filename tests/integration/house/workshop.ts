// A copy of parts of this repository in a temporary folder, with the installed packages, for tests that change sources.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Workshop {
  folder: string
  /** Runs Node in the copy. */
  node(...args: string[]): { status: number | null; stdout: string; stderr: string }
  write(path: string, text: string): void
  remove(): void
}

/** Copies the named files and folders. */
export function openWorkshop(paths: readonly string[]): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'ifab-workshop-'))
  for (const path of paths) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    node: (...args) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }),
    write: (path, text) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
