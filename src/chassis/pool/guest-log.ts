// The log lines of one guest call: cut, and bounded in number, so that no guest fills a disk or hides what others wrote.
import type { GuestHost } from '../port.ts'

const LINES_MAX = 100
const CHARACTERS_MAX = 4_096

export type LogLine = NonNullable<GuestHost['log']>

/** Passes lines on to `write` until there were too many; the last one says so. */
export function boundedLog(write: LogLine): LogLine {
  let lines = 0
  return (level, text) => {
    lines += 1
    if (lines > LINES_MAX + 1) return
    if (lines > LINES_MAX) write('warn', `more than ${LINES_MAX} log lines in one call; the rest is dropped`)
    else write(level, text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}… (cut)` : text)
  }
}
