// The tables of the embedded engine and their version. A file of a newer version is refused before anything is read.
//   journal   one row a batch: the changes as text
//   snapshot  the records in slices, one generation at a time is the valid one
//   log       one row a batch of sealed log entries
//   meta      single values
import { FabricError } from '../foundation/index.ts'
import type { Connection } from './embedded-connection.ts'

export const SCHEMA_VERSION = 1

/**
 * A batch is one long row: with pages of 16 KiB it is written in half the time that those of 4 KiB take (of a file that is
 * there, the size stays), and the write-ahead log is copied into the database each 16 MiB.
 */
const PAGES = 'PRAGMA page_size = 16384; PRAGMA wal_autocheckpoint = 1000'

const TABLES = `
  CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE journal(seq INTEGER PRIMARY KEY, ops TEXT NOT NULL);
  CREATE TABLE snapshot(generation TEXT, slice INTEGER, records TEXT NOT NULL, PRIMARY KEY(generation, slice)) WITHOUT ROWID;
  CREATE TABLE log(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, lines TEXT NOT NULL, seal TEXT NOT NULL);
`

/** Sets the connection up and creates the tables where there are none; several processes may do so at once. */
export async function prepareFile(
  connection: Connection,
  options: { readOnly: boolean; writtenBy: string; durability: 'fsync' | 'relaxed' },
) {
  const synchronous = options.durability === 'fsync' ? 'FULL' : 'NORMAL'
  await connection.patiently(() =>
    connection.exec(`PRAGMA busy_timeout = 0; PRAGMA synchronous = ${synchronous}; ${PAGES}`),
  )
  const version = await connection.patiently(() => schemaVersion(connection))
  if (options.readOnly) {
    if (version !== undefined) return
    throw new FabricError('IF_ERR_STORE_UNAVAILABLE', `${connection.path}: the file holds no store`, {
      hint: 'Check the path; a store is made when it is opened for writing.',
    })
  }
  // Other processes' first statements meet the conversion as a busy file, and wait.
  await connection.patiently(() => useWriteAheadLog(connection))
  if (version !== undefined) return
  await connection.begin()
  try {
    if (schemaVersion(connection) === undefined) createTables(connection, options.writtenBy)
    connection.commit()
  } catch (thrown) {
    connection.rollback()
    throw thrown
  }
}

/** The file's version, undefined where it has none; IF_ERR_STORE_TOO_NEW when this program cannot read it. */
export function schemaVersion(connection: Connection): number | undefined {
  const isThere = connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'")
  if (isThere.rows().length === 0) return undefined
  const meta = new Map(connection.prepare('SELECT name, value FROM meta').rows() as [string, string][])
  const version = Number(meta.get('schema.version'))
  if (version <= SCHEMA_VERSION) return version
  const writer = meta.get('schema.writtenBy') ?? 'a newer version'
  throw new FabricError(
    'IF_ERR_STORE_TOO_NEW',
    `${connection.path}: InfraFabric ${writer} wrote this database (schema ${meta.get('schema.version')}), ` +
      `but this version reads up to schema ${SCHEMA_VERSION}`,
    {
      hint: `Install InfraFabric ${writer} or newer, or use another IFAB_HOME.`,
      details: { path: connection.path, schema: version, supported: SCHEMA_VERSION, writtenBy: writer },
    },
  )
}

/** A copy of the file may have lost the mode; setting it takes locks, so only where it is not set. */
function useWriteAheadLog(connection: Connection): void {
  if (connection.prepare('PRAGMA journal_mode').rows()[0]?.[0] !== 'wal') connection.exec('PRAGMA journal_mode = WAL')
}

function createTables(connection: Connection, writtenBy: string): void {
  connection.exec(TABLES)
  const put = connection.prepare('INSERT INTO meta VALUES (?, ?)')
  put.run('schema.version', String(SCHEMA_VERSION))
  put.run('schema.writtenBy', writtenBy)
}
