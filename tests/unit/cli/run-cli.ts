// Runs the command in this process with streams that tests can read, write and pretend to be a terminal.
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { Io, StopSignal } from '../../../src/cli/io.ts'
import { run } from '../../../src/cli/main.ts'
import type { OpenOptions } from '../../../src/client/index.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import type { Daemon, DaemonOptions } from '../../../src/server/index.ts'

export interface CliOptions {
  openFabric?: (options: OpenOptions) => Promise<Fabric>
  openDaemon?: (options: DaemonOptions) => Promise<Daemon>
  env?: Record<string, string>
  /** Text on standard input, which then ends. */
  stdin?: string
  /** All three streams are terminals. */
  terminal?: boolean
  now?: () => number
}

export interface StartedCli {
  code: Promise<number>
  stdout: () => string
  stderr: () => string
  /** Types into the terminal. */
  type: (text: string) => void
  signal: (name: StopSignal) => void
  /** Whether raw mode is on, in the order of switching. */
  rawModes: boolean[]
  /** Exit codes that the command ended the process with on the spot. */
  exits: number[]
}

export function startCli(argv: readonly string[], options: CliOptions = {}): StartedCli {
  const signals = new EventEmitter()
  const written = { stdout: '', stderr: '' }
  const rawModes: boolean[] = []
  const exits: number[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: options.terminal === true,
    setRawMode: (raw: boolean) => rawModes.push(raw),
  })
  if (options.stdin !== undefined) stdin.end(options.stdin)
  else if (!options.terminal) stdin.end()
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY: options.terminal === true,
    columns: 120,
    rows: 30,
    write: (text: string) => {
      written[name] += text
    },
  })
  const io: Io = {
    stdin,
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: options.env ?? {},
    now: options.now ?? Date.now,
    openFabric: options.openFabric ?? (() => Promise.reject(new Error('this command needs no fabric'))),
    openDaemon: options.openDaemon ?? (() => Promise.reject(new Error('this command needs no daemon'))),
    onStopSignal: (listener) => {
      signals.on('stop', listener)
      return () => signals.off('stop', listener)
    },
    exitNow: (code) => exits.push(code),
  }
  return {
    code: run(argv, io),
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    type: (text) => stdin.write(text),
    signal: (name) => signals.emit('stop', name),
    rawModes,
    exits,
  }
}

export interface CliResult {
  code: number
  stdout: string
  stderr: string
}

export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const started = startCli(argv, options)
  const code = await started.code
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

/** Resolves when `seen` holds; the test's own time limit ends the waiting. */
export async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await new Promise((resolve) => setImmediate(resolve))
}
