// What the command touches of the outside: streams, environment, signals, the fabric, the daemon. Tests pass their own.
import type { OpenOptions } from '../client/index.ts'
import type { Fabric } from '../fabric/index.ts'
import type { Daemon, DaemonOptions } from '../server/index.ts'

export interface TerminalInput extends NodeJS.ReadableStream {
  isTTY?: boolean
  setRawMode?: (raw: boolean) => unknown
}

export interface TerminalOutput {
  write: (text: string) => unknown
  isTTY?: boolean
  columns?: number
  rows?: number
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface Io {
  stdin: TerminalInput
  stdout: TerminalOutput
  stderr: TerminalOutput
  env: Record<string, string | undefined>
  /** Wall clock, milliseconds. */
  now: () => number
  openFabric: (options: OpenOptions) => Promise<Fabric>
  openDaemon: (options: DaemonOptions) => Promise<Daemon>
  /** Calls the listener at each Ctrl-C or kill; the returned function ends that. */
  onStopSignal: (listener: (signal: StopSignal) => void) => () => void
  /** Ends the process at once, whatever is in flight. */
  exitNow: (code: number) => void
}

/** The real process. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: Date.now,
    openFabric: async (options) => (await import('../client/index.ts')).openFabric(options),
    openDaemon: async (options) => (await import('../server/index.ts')).openDaemon(options),
    onStopSignal: (listener) => {
      const onInt = () => listener('SIGINT')
      const onTerm = () => listener('SIGTERM')
      process.on('SIGINT', onInt).on('SIGTERM', onTerm)
      return () => void process.off('SIGINT', onInt).off('SIGTERM', onTerm)
    },
    exitNow: (code) => process.exit(code),
  }
}
