// A coordinator through a daemon: a process of its own, one Unix socket.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { openFabric } from '../../src/client/index.ts'
import type { CoordinatorPort } from '../../src/coordinator/index.ts'
import type { Fabric } from '../../src/fabric/index.ts'

export interface DaemonOptions {
  /** Of the home. */
  folder: string
  /** What goes into the witness log. Default `none`. */
  witness?: 'none' | 'ends' | 'all'
}

/** Ended tasks go as soon as may be, as with the peer's removeOnComplete. */
export async function withDaemon<T>(
  options: DaemonOptions,
  work: (coordinator: CoordinatorPort) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(options.folder, 'daemon-'))
  const { witness = 'none' } = options
  await writeFile(join(home, 'config.yaml'), `version: 1\ncoordinator: { keepEnded: 0, witness: ${witness} }\n`)
  const program = await buildProgram()
  let daemon: ChildProcess | undefined
  let fabric: Fabric | undefined
  try {
    daemon = spawn(process.execPath, [program, home], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [socket] = (await once(createInterface({ input: daemon.stdout as NodeJS.ReadableStream }), 'line')) as [
      string,
    ]
    fabric = await openFabric({ url: `unix:${socket}`, env: {} })
    return await work(await fabric.coordinator())
  } finally {
    await fabric?.close()
    if (daemon) await endOf(daemon)
    await rm(program, { force: true })
    await rm(home, { recursive: true, force: true })
  }
}

/** Benchmarks run in the root of the repository, as bundles that lie elsewhere. */
async function buildProgram(): Promise<string> {
  const outfile = resolve('node_modules', '.cache', `ifab-bench-daemon-${process.pid}.mjs`)
  await build({
    entryPoints: [resolve('benchmarks/coordinator/daemon-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
  return outfile
}

async function endOf(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = once(daemon, 'exit')
  daemon.stdin?.end()
  await ended
}
