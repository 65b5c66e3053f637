// Where a daemon's log lines go: all of them into the home's log, warnings and worse to stderr too.
import { createLogger, type Logger, type LogLevel, Redactor, systemClock } from '../foundation/index.ts'
import { LogFile } from './log-file.ts'

export function openLog({ home, level }: { home: string; level: LogLevel }): { logger: Logger; close: () => void } {
  const toStderr = (line: string) => void process.stderr.write(line)
  const file = new LogFile({
    home,
    onTrouble: (cause) =>
      toStderr(`${JSON.stringify({ level: 'warn', message: `the log can't be written: ${String(cause)}` })}\n`),
  })
  const into = (write: (line: string) => void) =>
    createLogger({ level, clock: systemClock, redactor: new Redactor(), write })
  const quiet = into((line) => file.write(line))
  const loud = into((line) => {
    file.write(line)
    toStderr(line)
  })
  return {
    logger: { debug: quiet.debug, info: quiet.info, warn: loud.warn, error: loud.error },
    close: () => file.close(),
  }
}
