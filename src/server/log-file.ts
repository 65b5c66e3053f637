// The daemon's log on disk: whole lines appended at once, the file put aside when it is full, the oldest removed. A disk that
// can't be written costs lines, never the daemon.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface LogFileOptions {
  home: string
  /** Of one file. Default 10 MB. */
  maxBytes?: number
  /** The current one included. Default 5. */
  files?: number
  /** Told once when lines begin to be lost. */
  onTrouble?: (cause: unknown) => void
}

export const LOG_FILES = 5
const MAX_BYTES = 10_000_000

export const logFolder = (home: string): string => join(home, 'logs')
/** 0 is the current one, 1 the one before. */
export const logPath = (home: string, age: number): string =>
  join(logFolder(home), age === 0 ? 'ifab.log' : `ifab.log.${age}`)

export class LogFile {
  readonly #options: Required<Omit<LogFileOptions, 'onTrouble'>> & Pick<LogFileOptions, 'onTrouble'>
  #descriptor: number | undefined
  #bytes = 0
  #isInTrouble = false

  constructor(options: LogFileOptions) {
    this.#options = { maxBytes: MAX_BYTES, files: LOG_FILES, ...options }
  }

  /** A whole line, with its end. */
  write(line: string): void {
    try {
      const bytes = Buffer.byteLength(line)
      if (this.#descriptor !== undefined && this.#bytes + bytes > this.#options.maxBytes) this.#rotate()
      this.#descriptor ??= this.#open()
      writeSync(this.#descriptor, line)
      this.#bytes += bytes
      this.#isInTrouble = false
    } catch (cause) {
      if (!this.#isInTrouble) this.#options.onTrouble?.(cause)
      this.#isInTrouble = true
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #open(): number {
    const { home } = this.#options
    mkdirSync(logFolder(home), { recursive: true, mode: 0o700 })
    const descriptor = openSync(logPath(home, 0), 'a', 0o600)
    this.#bytes = fstatSync(descriptor).size
    return descriptor
  }

  #rotate(): void {
    this.close()
    const { home, files } = this.#options
    rmSync(logPath(home, files - 1), { force: true })
    for (let age = files - 2; age >= 0; age--) {
      try {
        renameSync(logPath(home, age), logPath(home, age + 1))
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown // fewer files than there may be
      }
    }
  }
}
