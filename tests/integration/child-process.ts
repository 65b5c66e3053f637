// Real processes for the tests of two rooms: a TypeScript file bundled once and started with plain node, which talks
// in lines on stdout and dies when it is told to, or when it is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Child {
  process: ChildProcess
  /** The next line the child says; undefined when it has ended. */
  line(): Promise<string | undefined>
  /** Everything it still says. */
  rest(): Promise<string[]>
  kill(): Promise<void>
}

export interface ChildProgram {
  start(...args: string[]): Child
  remove(): void
}

/** Bundles a file into node_modules/.cache, from where it finds the installed packages. */
export async function buildChild(source: URL): Promise<ChildProgram> {
  const cache = join(dirname(fileURLToPath(import.meta.resolve('libsql'))), '..', '.cache')
  mkdirSync(cache, { recursive: true })
  const outfile = join(cache, `ifab-test-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`)
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
  return {
    start: (...args) => startChild(outfile, args),
    remove: () => rmSync(outfile, { force: true }),
  }
}

function startChild(file: string, args: string[]): Child {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  return {
    process: child,
    line: async () => (await lines.next()).value as string | undefined,
    async rest() {
      const rest: string[] = []
      for (let next = await lines.next(); !next.done; next = await lines.next()) rest.push(next.value)
      return rest
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
