// `--input FILE|-|'{…}'`: a whole input as JSON.
import { readFile } from 'node:fs/promises'
import { FabricError, type JsonObject } from '../../foundation/index.ts'
import type { Io } from '../io.ts'
import { readAll } from './read-all.ts'

export async function readWholeInput(source: string, io: Io): Promise<JsonObject> {
  const inline = source.trimStart().startsWith('{')
  const name = inline ? '--input' : source === '-' ? 'standard input' : source
  const text = inline ? source : source === '-' ? await readAll(io.stdin) : await fileText(source)
  const value = parse(name, text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new FabricError('IF_ERR_INVALID_INPUT', `${name}: expected a JSON object, as in '{"text":"hello"}'`)
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new FabricError('IF_ERR_INVALID_INPUT', `${name}: not JSON: ${problem}`, { cause })
  }
}

const fileText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_INVALID_INPUT', `--input ${path}: the file cannot be read (${cause.code})`, {
      hint: "Give a file, - for standard input, or '{…}'.",
      cause,
    })
  })
