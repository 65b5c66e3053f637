// Runs one of the system's own programs with a time limit: killed with all that it started when it has not ended. It has no
// terminal to ask on, and sees no environment but what finds the keyring.
import { spawn } from 'node:child_process'

export interface BoundedRun {
  program: string
  args: string[]
  /** Standard input; closed after it. */
  input?: string
  env: Record<string, string | undefined>
  timeoutMs: number
}

export type RunOutcome =
  | { kind: 'ended'; code: number; stdout: string; stderr: string }
  /** There is no such program, or it may not be run. */
  | { kind: 'absent' }
  | { kind: 'timeout' }

/** What a keyring's program needs of the environment: no credential passes on to it. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR']
const OUTPUT_CHARACTERS_MAX = 64 * 1024

export function runBounded({ program, args, input = '', env, timeoutMs }: BoundedRun): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const passed = Object.fromEntries(PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
    const child = spawn(program, args, { stdio: 'pipe', detached: true, env: { ...passed, LC_ALL: 'C' } })
    const output = { stdout: '', stderr: '' }
    const settle = (outcome: RunOutcome) => {
      clearTimeout(timer)
      resolve(outcome)
      // A grandchild may hold the pipes open; they must not hold this process.
      for (const stream of child.stdio) stream?.destroy()
    }
    const timer = setTimeout(() => {
      killGroup(child.pid)
      settle({ kind: 'timeout' })
    }, timeoutMs)
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] = (output[name] + chunk).slice(0, OUTPUT_CHARACTERS_MAX)
      })
    }
    child.once('error', () => settle({ kind: 'absent' }))
    child.once('close', (code) => settle({ kind: 'ended', code: code ?? -1, ...output }))
    // A program that ends without reading its input closes the pipe; its exit code tells.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** `detached` made the child the leader of a group of its own. */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown // it ended in this moment
  }
}
