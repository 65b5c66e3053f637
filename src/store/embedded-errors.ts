// SQLite's failures as errors that say which file, what is wrong with it and what to do.
import { FabricError } from '../foundation/index.ts'

/** Whether another connection's lock stood in the way, so that trying again soon makes sense. */
export const isBusy = (thrown: unknown): boolean =>
  /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(sqliteCode(thrown)) || /database is locked/.test(messageOf(thrown))

/** IF_ERR_STORE_UNAVAILABLE for anything that SQLite throws; our own errors pass through. */
export function storeError(path: string, thrown: unknown): FabricError {
  if (thrown instanceof FabricError) return thrown
  const code = sqliteCode(thrown)
  const [problem, hint] = CASES.find(([pattern]) => pattern.test(code))?.[1] ?? [
    `SQLite failed: ${messageOf(thrown)}`,
    'Run `ifab doctor` to check the home.',
  ]
  return new FabricError('IF_ERR_STORE_UNAVAILABLE', `${path}: ${problem}`, {
    hint,
    details: { path, sqlite: code || null },
    cause: thrown,
  })
}

export const damaged = (path: string, what: string): FabricError =>
  new FabricError('IF_ERR_STORE_UNAVAILABLE', `${path}: ${what}`, {
    hint: RESTORE,
    details: { path },
    retryable: false,
  })

const RESTORE = 'Restore a backup, or move the file away to start empty.'

const CASES: [RegExp, [problem: string, hint: string]][] = [
  [/^SQLITE_FULL/, ['the disk is full', 'Free some space and try again; nothing was half-written.']],
  [
    /^SQLITE_READONLY/,
    ['the file or its folder is read-only', 'Make both writable for this user, or choose another IFAB_HOME.'],
  ],
  [
    /^SQLITE_(CANTOPEN|PERM|AUTH)/,
    ['cannot be opened', 'Check that the folder exists and that this user may read and write it.'],
  ],
  [/^SQLITE_NOTADB/, ['the file is not a database', RESTORE]],
  [/^SQLITE_CORRUPT/, ['the database is damaged', RESTORE]],
  [
    /^SQLITE_IOERR/,
    ['reading or writing the file failed', 'Check the disk (is it full, was it removed?) and try again.'],
  ],
  [
    /^SQLITE_(BUSY|LOCKED|PROTOCOL)/,
    ['another process holds the write lock', 'Look for a stuck process that has the file open, then try again.'],
  ],
]

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

function sqliteCode(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  // The binding reports a failed open as text that ends with SQLite's number.
  return code || (/^ConnectionFailed/.test(messageOf(thrown)) ? 'SQLITE_CANTOPEN' : '')
}
