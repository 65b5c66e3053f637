// `--key FILE`: a private key that a publisher keeps outside of every repository.
import { readFile } from 'node:fs/promises'
import { FabricError } from '../../foundation/index.ts'

/** PEM text, as it stands. */
export const readKeyFile = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_USAGE', `--key ${path}: the file cannot be read (${cause.code})`, { cause })
  })
