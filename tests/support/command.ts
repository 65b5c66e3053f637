// The real command as a real process: `bin/ifab.cjs` on a home of its own, with nothing of the caller's environment but
// the way to programs. Whatever it says is kept; it can be stopped, killed and waited for.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../src/fabric/index.ts'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  process: ChildProcess
  /** Resolves when it has ended and everything it said has arrived. */
  ended: Promise<Ended>
  kill(signal?: NodeJS.Signals): void
}

export interface CommandOptions {
  home: string
  env?: Record<string, string>
  /** What it reads on stdin. Default: nothing. */
  input?: string
  cwd?: string
}

export function startIfab(args: readonly string[], options: CommandOptions): Running {
  const child = spawn(process.execPath, [join(packageRoot(), 'bin', 'ifab.cjs'), ...args], {
    cwd: options.cwd ?? options.home,
    env: { PATH: process.env.PATH ?? '', HOME: options.home, IFAB_HOME: options.home, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => {}) // it need not read what it is given
  child.stdin.end(options.input ?? '')
  return {
    process: child,
    ended: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
    }),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
  }
}

/** Runs a command to its end. */
export const ifab = (args: readonly string[], options: CommandOptions): Promise<Ended> => startIfab(args, options).ended

/** The error object that a command under `--json` gave on stderr. */
export function errorOf(ended: Ended): { code: string; message: string; hint: string | null; next: string | null } {
  return JSON.parse(ended.stderr).error
}
