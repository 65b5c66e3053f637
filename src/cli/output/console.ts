// The two outputs. stdout holds the result and nothing else; stderr the rest. Under --json stdout is exactly one JSON
// document and stderr holds nothing but an error.
import { FabricError } from '../../foundation/index.ts'
import type { Io, TerminalOutput } from '../io.ts'
import { type Colours, colours } from './colours.ts'

export interface Console {
  readonly json: boolean
  /** For stdout and for stderr; each has colours only where it is a terminal. */
  readonly out: Colours
  readonly err: Colours
  /** Width of stderr in columns, 100 where it is no terminal. */
  readonly width: number
  /** The result: the JSON document under --json, else the text. Once a command. */
  result: (value: unknown, text: string) => void
  /** A line of the result as it comes, for people only; the JSON document comes at the end. */
  line: (text: string) => void
  /** Text of the result as it comes, without a line end of its own; for people only. */
  text: (text: string) => void
  /** A JSON line of a stream, with or without --json. */
  jsonLine: (value: unknown) => void
  /** One of a stream of results: a JSON line under --json, else the text. */
  event: (value: unknown, text: string) => void
  /** For people, on stderr: what to do next, what is going on. */
  note: (text: string) => void
  /** Adds a member to the JSON document, where that is an object. */
  attach: (name: string, value: unknown) => void
  /** Writes the JSON document; called once, at the end. */
  flush: () => void
}

export function createConsole(io: Io, options: { json: boolean; noColor: boolean }): Console {
  const { json } = options
  const attached: Record<string, unknown> = {}
  let document: { value: unknown } | undefined
  return {
    json,
    out: colours(!json && hasColour(io.stdout, io, options.noColor)),
    err: colours(!json && hasColour(io.stderr, io, options.noColor)),
    get width() {
      return io.stderr.columns ?? 100
    },
    result(value, text) {
      if (!json) return writeLine(io.stdout, text)
      if (document) throw new FabricError('IF_ERR_INTERNAL', 'a command gave two results')
      document = { value }
    },
    line(text) {
      if (!json) writeLine(io.stdout, text)
    },
    text(text) {
      if (!json) io.stdout.write(text)
    },
    jsonLine: (value) => writeLine(io.stdout, JSON.stringify(value)),
    event(value, text) {
      writeLine(io.stdout, json ? JSON.stringify(value) : text)
    },
    note(text) {
      if (!json) writeLine(io.stderr, text)
    },
    attach(name, value) {
      attached[name] = value
    },
    flush() {
      if (!document) return
      writeLine(io.stdout, JSON.stringify(withAttached(document.value, attached), null, 2))
      document = undefined
    },
  }
}

function withAttached(value: unknown, attached: Record<string, unknown>): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return { ...value, ...attached }
}

const writeLine = (stream: TerminalOutput, text: string): void => {
  if (text !== '') stream.write(text.endsWith('\n') ? text : `${text}\n`)
}

const hasColour = (stream: TerminalOutput, io: Io, noColor: boolean): boolean =>
  stream.isTTY === true && !noColor && !io.env.NO_COLOR && io.env.TERM !== 'dumb'
