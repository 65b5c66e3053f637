// What is left in a home: whether a command that failed has written anything, whole or half.
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { readRecords } from './store-view.ts'

/** What a command may leave behind. */
export interface Traces {
  /** Every file but those of the database and the checkpoint beside it, which is written a moment after the commit. */
  files: string[]
  plans: number
  runs: number
  steps: number
  /** Costs that are still reserved. */
  held: number
}

export async function tracesIn(home: string): Promise<Traces> {
  // Names only: reading the file of a database that this process has open would take SQLite's locks away.
  const entries = await readdir(home, { withFileTypes: true, recursive: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
  const [plans, runs, steps, reservations] = await Promise.all([
    readRecords(home, 'plan'),
    readRecords(home, 'run'),
    readRecords(home, 'step'),
    readRecords<{ state: string }>(home, 'reservation'),
  ])
  return {
    files: files.filter((file) => !/^(fabric\.db|witness\.checkpoint)/.test(file)).sort(),
    plans: plans.length,
    runs: runs.length,
    steps: steps.length,
    held: reservations.filter(({ state }) => state === 'held' || state === 'pending').length,
  }
}

/** Where the home keeps its records. */
export const databaseOf = (home: string): string => join(home, 'fabric.db')
