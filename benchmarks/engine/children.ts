// The processes beside the one that is measured: the provider, and the peer.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { pathToFileURL } from 'node:url'

export interface Child {
  origin: string
  end(): Promise<void>
}

const SCRIPTS = 'benchmarks/engine'
const GATEWAY = 'node_modules/@portkey-ai/gateway/build/start-server.js'

/** The provider. */
export async function startProvider(): Promise<Child> {
  const child = spawn(process.execPath, [`${SCRIPTS}/server.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await firstOutput(child)
  const { port } = JSON.parse(line) as { port: number }
  return { origin: `http://127.0.0.1:${port}`, end: () => ended(child) }
}

/** The peer, on loopback; undefined where it doesn't come up. */
export async function startGateway(): Promise<Child | undefined> {
  const port = await freePort()
  const preload = pathToFileURL(`${SCRIPTS}/loopback-only.mjs`).href
  const child = spawn(process.execPath, ['--import', preload, GATEWAY, `--port=${port}`, '--headless'], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const origin = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(origin).catch(() => undefined)
    if (answer?.ok) return { origin, end: () => ended(child) }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await ended(child)
  return undefined
}

function firstOutput({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')))
    stdout?.once('end', () => reject(new Error('the provider of the benchmark did not start')))
  })
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
