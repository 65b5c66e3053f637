// Files that users write: YAML (or JSON) parsed once at the edge against a zod schema, with errors that name
// file, line, field, what was expected and what was found.
import { readFile } from 'node:fs/promises'
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import type { z } from 'zod'
import { FabricError } from './errors.ts'

export interface ParsedDocument<T> {
  value: T
  /** Line (1-based) of a path in the file, for errors that are found later. */
  lineOf(path: readonly PropertyKey[]): number
}

/** Reads and parses a file; IF_ERR_NOT_FOUND where there is none, IF_ERR_INVALID_FILE where it is wrong. */
export async function readDocument<S extends z.ZodType>(path: string, schema: S): Promise<ParsedDocument<z.output<S>>> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new FabricError('IF_ERR_NOT_FOUND', `${path}: there is no such file`, { cause })
    throw new FabricError('IF_ERR_INVALID_FILE', `${path}: cannot be read (${cause.code})`, { cause })
  })
  return parseDocumentText(text, schema, path)
}

/** Parses YAML or JSON text; `name` is the file that errors name. */
export function parseDocumentText<S extends z.ZodType>(
  text: string,
  schema: S,
  name: string,
): ParsedDocument<z.output<S>> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, version: '1.2' })
  const broken = document.errors[0]
  if (broken) {
    const line = broken.linePos?.[0].line ?? 1
    throw invalidFile(
      name,
      line,
      '',
      broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not YAML',
    )
  }
  const pairs = pairFinder()
  const lineOf = (path: readonly PropertyKey[]) => lines.linePos(offsetOf(document.contents, path, pairs)).line || 1
  const twice = duplicateKey(document)
  if (twice)
    throw invalidFile(
      name,
      lines.linePos(startOf(twice)).line,
      '',
      `the key ${JSON.stringify(String(twice.value))} stands twice`,
    )
  const parsed = schema.safeParse(unfold(document, name))
  if (parsed.success) return { value: parsed.data, lineOf }
  const issue = tellingIssue(parsed.error.issues)
  const place = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path
  throw invalidFile(name, lineOf(place), formatPath(issue.path), describeIssue(issue))
}

/** Aliases are limited by the parser, so that a small file cannot unfold into a huge value. */
function unfold(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    const problem = /^Unresolved alias.*: (.+)$/.exec(cause.message)
    throw invalidFile(name, 1, '', problem ? `there is no anchor &${problem[1]}` : 'its aliases unfold without end')
  }
}

/** An IF_ERR_INVALID_FILE in the house's form: `policy.yaml:14 limits.total: expected …`. */
export function invalidFile(name: string, line: number, field: string, problem: string, hint?: string): FabricError {
  return new FabricError('IF_ERR_INVALID_FILE', `${name}:${line} ${field ? `${field}: ` : ''}${problem}`, {
    ...(hint ? { hint } : {}),
    details: { file: name, line, field },
  })
}

/** `steps.tell.with["a b"][0]`. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[A-Za-z_$][\w$-]*$/.test(String(part))
          ? `${at ? '.' : ''}${String(part)}`
          : `[${JSON.stringify(String(part))}]`,
    )
    .join('')

/** One sentence for a zod issue, with what was found where zod knows it. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown field${issue.keys.length > 1 ? 's' : ''} ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
  const missing = /^Invalid input: expected (\S+), received undefined$/.exec(issue.message)
  if (missing) return `is missing, expected ${missing[1]}`
  return issue.message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '')
}

/** A misspelt field is told before the one that is missing because of it. */
const tellingIssue = (issues: z.core.$ZodIssue[]): z.core.$ZodIssue =>
  issues.find((issue) => issue.code === 'unrecognized_keys') ?? deepest(issues)

/** Of a union's issues the one that got furthest, which is what the author most likely meant. */
function deepest(issues: z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [first] = issues
  if (!first) throw new FabricError('IF_ERR_INTERNAL', 'a failed parse without an issue')
  if (first.code !== 'invalid_union') return first
  const inner = first.errors.map((branch) =>
    branch.map((issue) => ({ ...issue, path: [...first.path, ...issue.path] })),
  )
  const best = inner.filter((branch) => branch.length > 0).sort((a, b) => depth(b) - depth(a))[0]
  return best && depth(best) > first.path.length ? deepest(best) : first
}

const depth = (issues: z.core.$ZodIssue[]): number => Math.max(...issues.map((issue) => issue.path.length))

/** The parser's own check compares every key with every other; this one looks each up once. */
function duplicateKey(document: Document): Scalar | undefined {
  let found: Scalar | undefined
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) {
          found = key
          return visit.BREAK
        }
        seen.add(key.value)
      }
      return undefined
    },
  })
  return found
}

type PairFinder = (map: YAMLMap, key: PropertyKey) => Pair | undefined

/** Members of a map by key, indexed at the first question. */
function pairFinder(): PairFinder {
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>()
  return (map, key) => {
    let index = indexes.get(map)
    if (!index) {
      index = new Map(
        map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])),
      )
      indexes.set(map, index)
    }
    return index.get(String(key))
  }
}

/** Offset of the deepest node that exists on a path; a key's own place where the path ends at a member. */
function offsetOf(root: Node | null, path: readonly PropertyKey[], pairOf: PairFinder): number {
  let node: unknown = root
  let offset = startOf(root)
  for (const part of path) {
    if (isMap(node)) {
      const pair = pairOf(node, part)
      if (!pair) return offset
      offset = startOf(pair.key)
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      offset = startOf(node) || offset
    } else return offset
  }
  return offset
}

const startOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0
