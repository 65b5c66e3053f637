// Reads the daemon's log, oldest line first, and follows it across rotations.
import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import { homeAt, LOG_LEVELS, type LogLevel, systemClock } from '../foundation/index.ts'
import { LOG_FILES, logPath } from './log-file.ts'

export interface ReadLogsOptions {
  /** Default IFAB_HOME, else ~/.ifab. */
  home?: string
  env?: Record<string, string | undefined>
  /** Goes on with lines as they are written, until the signal aborts. */
  follow?: boolean
  /** Only lines from then on: milliseconds since 1970. */
  since?: number
  /** Only lines of this level or a graver one. Default all. */
  level?: LogLevel
  signal?: AbortSignal
}

export interface LogLine {
  /** RFC 3339. */
  readonly at: string
  readonly level: Exclude<LogLevel, 'silent'>
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

const lineSchema = z.looseObject({
  at: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
})

const LOOK_EVERY_MS = 200
const PIECE = 64 * 1024

/** Lines of the daemon's log. A line that can't be read is left out; without a log there are none. */
export async function* readLogs(options: ReadLogsOptions = {}): AsyncGenerator<LogLine> {
  const { follow = false, since, level, signal } = options
  const home = homeAt(options.home, options.env ?? process.env).path
  const gravity = level === undefined ? 0 : LOG_LEVELS.indexOf(level)
  for await (const text of linesOf(home, follow, signal)) {
    const line = parseLine(text)
    if (!line || LOG_LEVELS.indexOf(line.level) < gravity) continue
    if (since === undefined || Date.parse(line.at) >= since) yield line
  }
}

function parseLine(text: string): LogLine | undefined {
  try {
    const { at, level, message, ...fields } = lineSchema.parse(JSON.parse(text))
    return { at, level, message, fields }
  } catch {
    return undefined // torn by a kill, or by hand
  }
}

async function* linesOf(home: string, follow: boolean, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for (let age = LOG_FILES - 1; age > 0; age--) {
    const old = await openIfThere(logPath(home, age))
    if (!old) continue
    const reader = new LineReader(old)
    try {
      yield* reader.lines()
    } finally {
      await reader.close()
    }
  }
  let current: LineReader | undefined
  try {
    while (!signal?.aborted) {
      current ??= await openReader(logPath(home, 0))
      if (current) yield* current.lines()
      if (!follow) return
      // What was written between the last look and the rotation is in the file that is still open.
      if (current && (await hasRotated(current, home))) {
        yield* current.lines()
        await current.close()
        current = undefined
        continue
      }
      await systemClock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined) // aborted: the loop ends
    }
  } finally {
    await current?.close()
  }
}

async function openReader(path: string): Promise<LineReader | undefined> {
  const file = await openIfThere(path)
  return file && new LineReader(file)
}

function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined
    throw thrown
  })
}

async function hasRotated(reader: LineReader, home: string): Promise<boolean> {
  const now = await openIfThere(logPath(home, 0))
  if (!now) return true
  try {
    return (await now.stat()).ino !== (await reader.inode())
  } finally {
    await now.close()
  }
}

/** Whole lines of a file that may still grow. */
class LineReader {
  readonly #file: FileHandle
  #begun = Buffer.alloc(0)

  constructor(file: FileHandle) {
    this.#file = file
  }

  async *lines(): AsyncGenerator<string> {
    const piece = Buffer.alloc(PIECE)
    for (;;) {
      const { bytesRead } = await this.#file.read(piece, 0, PIECE)
      if (bytesRead === 0) return
      this.#begun = Buffer.concat([this.#begun, piece.subarray(0, bytesRead)])
      for (let end = this.#begun.indexOf(10); end >= 0; end = this.#begun.indexOf(10)) {
        const line = this.#begun.subarray(0, end).toString()
        this.#begun = this.#begun.subarray(end + 1)
        yield line
      }
    }
  }

  async inode(): Promise<number> {
    return (await this.#file.stat()).ino
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
