// The built command as a real process, without and with a pseudo-terminal (`script` of util-linux).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const BIN = fileURLToPath(new URL('../../../bin/ifab.cjs', import.meta.url))

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

const environment = (home: string, extra: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  TERM: 'xterm',
  IFAB_HOME: home,
  ...extra,
})

export interface IfabOptions {
  home: string
  env?: Record<string, string>
  input?: string
}

export const ifab = (args: readonly string[], options: IfabOptions): Promise<Finished> => startIfab(args, options).end

export function startIfab(
  args: readonly string[],
  { home, env, input }: IfabOptions,
): { end: Promise<Finished>; interrupt: () => void } {
  const child = spawn(process.execPath, [BIN, ...args], { env: environment(home, env), stdio: 'pipe' })
  child.stdin.end(input ?? '')
  return { end: finished(child), interrupt: () => void child.kill('SIGINT') }
}

function finished(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const result = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...result }))
  })
}

export const hasScript = (): boolean => spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0

/** Runs on a pseudo-terminal; each answer is typed when its question is on the screen. */
export async function onTerminal(
  args: readonly string[],
  { home, env, answers = [] }: IfabOptions & { answers?: [question: string, answer: string][] },
): Promise<{ code: number | null; screen: string }> {
  const words = [process.execPath, BIN, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn('script', ['-qec', words, '/dev/null'], { env: environment(home, env), stdio: 'pipe' })
  const left = [...answers]
  let screen = ''
  let seen = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    const [next] = left
    const at = next ? screen.indexOf(next[0], seen) : -1
    if (!next || at < 0) return
    seen = at + next[0].length
    left.shift()
    child.stdin.write(`${next[1]}\n`)
  })
  const { code } = await finished(child)
  return { code, screen }
}

export interface RunningTwins {
  stop: () => Promise<Finished>
  interrupt: () => Promise<Finished>
}

/** `ifab twin up` until stopped; resolves when its document is there. */
export async function twinUp(args: readonly string[], home: string): Promise<RunningTwins> {
  const child = spawn(process.execPath, [BIN, 'twin', 'up', ...args, '--json'], {
    env: environment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = finished(child)
  await new Promise<void>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      if (text.endsWith('}\n')) resolve()
    })
    void end.then(({ code, stderr }) => reject(new Error(`twin up ended with ${code}: ${stderr}`)))
  })
  const by = (signal: NodeJS.Signals) => () => {
    child.kill(signal)
    return end
  }
  return { stop: by('SIGTERM'), interrupt: by('SIGINT') }
}
