// One daemon a home: a lock that the system takes back when its process dies, however it dies. Node has none of its own, so it
// is SQLite's, on an empty file that holds nothing else.
import { join } from 'node:path'
import Database from 'libsql'
import { FabricError } from '../foundation/index.ts'

export interface HomeLock {
  release(): void
}

/** Undefined when another process, or another daemon of this one, has it. */
export function lockHome(home: string): HomeLock | undefined {
  const path = join(home, 'daemon.lock')
  let database: InstanceType<typeof Database> | undefined
  try {
    database = new Database(path)
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database?.close()
    if (/SQLITE_BUSY|database is locked/.test(`${(cause as { code?: string }).code} ${String(cause)}`)) return undefined
    throw new FabricError('IF_ERR_HOME_UNUSABLE', `${path} can't be locked: ${String(cause)}`, {
      hint: 'The home must lie on a file system of this machine, and be writable.',
      cause,
    })
  }
  const held = database
  return {
    release() {
      held.exec('ROLLBACK')
      held.close()
    },
  }
}
