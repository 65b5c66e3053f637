// Secrets that sing: unique values, and a search for them in any bytes, in every encoding in which a secret gets about.
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Canary {
  /** The secret. */
  value: string
  /** The encodings of it that the bytes hold; empty where it does not show. */
  showsIn(bytes: Buffer | string): string[]
}

/** The part in the middle is unique and alphanumeric, so that escaping the rest does not hide it. */
export function canary(prefix: string, suffix = ''): Canary {
  const core = `canary${randomBytes(15).toString('hex')}`
  const forms = formsOf(core)
  return {
    value: `${prefix}${core}${suffix}`,
    showsIn(bytes) {
      const text = (typeof bytes === 'string' ? Buffer.from(bytes) : bytes).toString('latin1')
      const lower = text.toLowerCase()
      return Object.entries(forms).flatMap(([name, form]) =>
        text.includes(form) || lower.includes(form.toLowerCase()) ? [name] : [],
      )
    },
  }
}

function formsOf(core: string): Record<string, string> {
  const bytes = Buffer.from(core)
  const aligned = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // Characters at the edges depend on the neighbours too.
    return [`base64 at ${offset}`, padded.slice(offset === 0 ? 0 : offset + 1, -4)] as const
  })
  return {
    raw: core,
    hex: bytes.toString('hex'),
    percent: [...bytes].map((byte) => `%${byte.toString(16)}`).join(''),
    utf16: bytes.toString('latin1').split('').join('\0'),
    ...Object.fromEntries(aligned),
  }
}

/** Every file below a folder with its bytes. This process must have no database in it open: reading takes SQLite's locks away. */
export async function filesBelow(folder: string): Promise<{ path: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(files.map(async (path) => ({ path, bytes: await readFile(path) })))
}
