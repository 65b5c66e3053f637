// JSON as people hand it over: inline, in a file, or on standard input; one value, or one a line.
import { readFile } from 'node:fs/promises'
import { FabricError, type JsonValue } from '../../foundation/index.ts'
import type { Io } from '../io.ts'
import { readAll } from './read-all.ts'

export interface JsonText {
  /** What errors call it. */
  name: string
  text: string
}

/** A file, `-` for standard input, or JSON itself where it begins with a brace or a bracket. */
export async function readJsonText(flag: string, source: string, io: Io): Promise<JsonText> {
  if (/^\s*[[{]/.test(source)) return { name: flag, text: source }
  if (source === '-') return { name: 'standard input', text: await readAll(io.stdin) }
  return { name: source, text: await fileText(flag, source) }
}

/** The value; IF_ERR_INVALID_INPUT says where it is none. */
export function parseJson({ name, text }: JsonText): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new FabricError('IF_ERR_INVALID_INPUT', `${name}: not JSON: ${problem}`, { cause })
  }
}

/** One value with its name, or one of each line that is not empty. */
export function parseJsonLines({ name, text }: JsonText): { name: string; value: JsonValue }[] {
  const lines = text.split(/\r?\n/)
  const filled = lines.flatMap((line, at) => (line.trim() === '' ? [] : [{ name: `${name}:${at + 1}`, text: line }]))
  const [first, second] = filled
  if (!first) throw new FabricError('IF_ERR_INVALID_INPUT', `${name}: expected JSON, and it is empty`)
  // One value may be laid out over many lines; its first line is then no JSON by itself.
  if (!second || !isJson(first.text)) return [{ name, value: parseJson({ name, text }) }]
  return filled.map((line) => ({ name: line.name, value: parseJson(line) }))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const fileText = (flag: string, path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${flag} ${path}: the file cannot be read (${cause.code})`, {
      hint: "Give a file, - for standard input, or '{…}'.",
      cause,
    })
  })
