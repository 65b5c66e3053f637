// Secrets that live outside the vault: environment variables and files of the process that executes, read when they are
// needed. A file is read again when it has changed, so that a rotated secret takes effect by itself.
import { readFileSync, statSync } from 'node:fs'
import { FabricError } from '../foundation/index.ts'
import type { SecretReference } from './reference.ts'

/** Larger values are taken for a mistake. */
export const SECRET_BYTES_MAX = 64 * 1024

export interface SecretPlace {
  instance: string
  name: string
}

/** Reads one environment variable. */
export function readVariable(
  reference: SecretReference & { kind: 'env' },
  place: SecretPlace,
  env: Record<string, string | undefined>,
): string {
  const value = env[reference.variable]
  if (value) return checkSize(value, place, `the environment variable ${reference.variable}`)
  throw missing(
    place,
    `the environment variable ${reference.variable} is ${value === undefined ? 'not set' : 'empty'}`,
    `Set ${reference.variable} for the process that executes (with a daemon: for the daemon).`,
  )
}

export type FileReader = (reference: SecretReference & { kind: 'file' }, place: SecretPlace) => string

/** A reader that keeps what it read until the file's identity, size or times change. */
export function createFileReader(): FileReader {
  const known = new Map<string, { stamp: string; value: string }>()
  return ({ path }, place) => {
    try {
      // Synchronous on purpose: a stat of a local file costs a few microseconds, its promise many times that.
      const facts = statSync(path, { bigint: true })
      if (!facts.isFile()) throw unreadable(place, `${path} is not a regular file`)
      if (facts.size > SECRET_BYTES_MAX) throw tooLarge(place, path)
      const stamp = [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(':')
      const cached = known.get(path)
      if (cached?.stamp === stamp) return cached.value
      const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
      if (value === '') throw missing(place, `the file ${path} is empty`, 'Write the secret into the file.')
      checkSize(value, place, path)
      known.set(path, { stamp, value })
      return value
    } catch (thrown) {
      if (thrown instanceof FabricError) throw thrown
      known.delete(path)
      const { code } = thrown as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        throw missing(place, `there is no file ${path}`, 'Create the file, or point the instance to another one.')
      }
      throw unreadable(place, `${path} cannot be read (${code})`)
    }
  }
}

/** IF_ERR_SECRET_MISSING in the one form that all sources use. */
export const missing = ({ instance, name }: SecretPlace, problem: string, hint: string): FabricError =>
  new FabricError('IF_ERR_SECRET_MISSING', `${instance}: the secret ${name} is missing: ${problem}`, {
    hint,
    details: { instance, secret: name },
  })

/** IF_ERR_SECRET_UNREADABLE in the one form that all sources use. */
export const unreadable = ({ instance, name }: SecretPlace, problem: string, hint?: string): FabricError =>
  new FabricError('IF_ERR_SECRET_UNREADABLE', `${instance}: the secret ${name} cannot be read: ${problem}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { instance, secret: name },
  })

function checkSize(value: string, place: SecretPlace, source: string): string {
  if (Buffer.byteLength(value) > SECRET_BYTES_MAX) throw tooLarge(place, source)
  return value
}

const tooLarge = (place: SecretPlace, source: string): FabricError =>
  unreadable(place, `${source} holds more than ${SECRET_BYTES_MAX} bytes`, 'A secret is a short text; check the place.')
