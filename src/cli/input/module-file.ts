// A module as the command line names it: a loaded one by id, or a file whose bytes travel to the fabric.
import { basename } from 'node:path'
import type { ModuleFile } from '../../fabric/index.ts'
import { FabricError, isFabricError } from '../../foundation/index.ts'

/** `ID` or `ID@VERSION` is a loaded module, anything else a file. */
export const isModuleReference = (text: string): boolean => /^[a-z][a-z0-9-]{1,47}(@\d+\.\d+\.\d+)?$/.test(text)

/** The file with its bytes; nothing of it is looked at here. */
export async function readModuleFile(path: string): Promise<ModuleFile> {
  const chassis = await import('../../chassis/index.ts') // large, and most command lines name no file
  try {
    const bytes = await chassis.readModuleFile(path)
    return { name: basename(path), base64: Buffer.from(bytes).toString('base64') }
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_NOT_FOUND') throw thrown
    throw new FabricError(thrown.code, thrown.message, {
      hint: 'Give a file of `ifab chassis build`, or the id of a loaded module.',
      next: 'ifab chassis list',
      cause: thrown,
    })
  }
}
