// A small disk of its own, where this process may mount one: to fill it up, and to make it read-only.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TinyDisk {
  path: string
  /** Takes every byte that is left. */
  fill(): void
  /** Gives them back. */
  free(): void
  makeReadOnly(): void
  remove(): void
}

/** Whether mounting is permitted here; it is for root on Linux, unless a container forbids it. */
export const canMount: boolean = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    openTinyDisk('64k').remove()
    return true
  } catch {
    return false // the mount was refused
  }
})()

/** Mounts a disk of this size, with a copy of a folder on it. */
export function openTinyDisk(size: string, content?: string): TinyDisk {
  const path = mkdtempSync(join(tmpdir(), 'ifab-disk-'))
  const ballast = join(path, 'ballast')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', path], { stdio: 'ignore' })
  // Another process copies: reading a database that this one has open would take SQLite's locks away.
  if (content !== undefined) execFileSync('cp', ['-R', `${content}/.`, path])
  return {
    path,
    fill() {
      for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
        try {
          for (;;) writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' })
        } catch {
          // No room for so many: fewer are tried next.
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    makeReadOnly: () => execFileSync('mount', ['-o', 'remount,ro', path], { stdio: 'ignore' }),
    remove() {
      execFileSync('umount', ['-l', path], { stdio: 'ignore' })
      rmSync(path, { recursive: true, force: true })
    },
  }
}
