// Where the Unix socket of a home is: in the home, or, where that path is too long for the system, in a folder of the system's
// temporary one that only its owner can enter.
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { FabricError, sha256Hex } from '../foundation/index.ts'

/** Of 104 bytes on macOS and 108 on Linux, with the end mark. */
const LONGEST = 100

export function socketPath(home: string): string {
  const inside = join(home, 'ifab.sock')
  if (Buffer.byteLength(inside) <= LONGEST) return inside
  return join(tmpdir(), `ifab-${userInfo().uid}`, `${sha256Hex(home).slice(0, 16)}.sock`)
}

/** Makes the folder where it is missing; refuses one that somebody else could enter. */
export async function prepareSocketFolder(path: string, home: string): Promise<void> {
  const folder = dirname(path)
  if (folder === home) return
  await mkdir(folder, { mode: 0o700 }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'EEXIST') throw thrown
  })
  const found = await lstat(folder)
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0) return
  throw new FabricError('IF_ERR_HOME_UNUSABLE', `${folder} is not a folder of yours alone`, {
    hint: `The home's path is too long for a socket in it. Remove that folder, or choose a home with a shorter path.`,
  })
}
