// Where a secret comes from: env:VARIABLE and file:PATH stay references, `-` is standard input, else it is asked for.
// A literal on the command line is refused, and no message ever repeats what was typed.
import { readFile } from 'node:fs/promises'
import type { SecretInput } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { Io } from '../io.ts'
import { readAll } from './read-all.ts'

/** Parses `env:VARIABLE`, `file:PATH` or `-` for the secret `key`. */
export async function readSecretSource(key: string, source: string, io: Io): Promise<SecretInput> {
  if (source === '-') return storedValue(key, await readAll(io.stdin))
  const variable = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(source)?.[1]
  if (variable !== undefined) return { kind: 'env', variable }
  const path = /^file:(.+)$/.exec(source)?.[1]
  if (path !== undefined) return { kind: 'file', path }
  throw new FabricError('IF_ERR_USAGE', `the value of ${key} may not stand on the command line`, {
    hint: `Shell history and process list would show it. Write ${key}=env:VARIABLE, ${key}=file:PATH or ${key}=- (standard input), or leave it out to be asked.`,
  })
}

/** Lines `KEY=value`, `#` comments and empty lines, from a file or standard input. */
export async function readSecretsFrom(source: string, io: Io): Promise<Record<string, SecretInput>> {
  const name = source === '-' ? 'standard input' : source
  const text = source === '-' ? await readAll(io.stdin) : await fileText(source)
  const entries = text.split(/\r?\n/).flatMap((line, at) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return []
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
    const key = match?.[1]
    if (key === undefined) throw new FabricError('IF_ERR_INVALID_FILE', `${name}:${at + 1} expected KEY=value`)
    return [[key, storedValue(key, unquoted(match?.[2] ?? ''))] as const]
  })
  return Object.fromEntries(entries)
}

/** A value to be stored; the line break that `echo` and editors leave is not part of it. */
export function storedValue(key: string, text: string): SecretInput {
  const value = text.replace(/\r?\n$/, '')
  if (value.trim() !== '') return { kind: 'value', value }
  throw new FabricError('IF_ERR_INVALID_INPUT', `${key} is empty`)
}

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text.trim())?.[2] ?? text.trim()

const fileText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_INVALID_INPUT', `--secrets-from ${path}: the file cannot be read (${cause.code})`, {
      cause,
    })
  })
