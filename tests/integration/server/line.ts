// A line between a client and its daemon that can be cut, closed, and made to lose what comes back: what a network does.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Daemon } from '../../../src/server/index.ts'
import { afterwards } from './rig.ts'

export interface Line {
  /** `unix:/…`: where clients connect. */
  readonly url: string
  /** Ends every connection; new ones are let through. */
  cut(): void
  /** Ends every connection, and nobody gets through until `mend`. */
  sever(): void
  /** From now on what the daemon says is lost; what clients say arrives. */
  swallowAnswers(): void
  /** Neither side hears of the other, and no connection ends. */
  freeze(): void
  mend(): void
}

export async function openLine(daemon: Pick<Daemon, 'socket'>): Promise<Line> {
  const folder = mkdtempSync(join(tmpdir(), 'ifab-line-'))
  const path = join(folder, 'line.sock')
  const open = new Set<Socket>()
  let state: 'whole' | 'severed' | 'swallowing' | 'frozen' = 'whole'
  const track = (socket: Socket): void => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
  }
  const server = createServer((client) => {
    if (state === 'severed') {
      client.destroy()
      return
    }
    const served = connect(daemon.socket)
    track(client)
    track(served)
    client.on('data', (data) => {
      if (state !== 'frozen') served.write(data)
    })
    served.on('data', (data) => {
      if (state === 'whole') client.write(data)
    })
    client.on('close', () => served.destroy())
    served.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  afterwards(async () => {
    cut()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url: `unix:${path}`,
    cut,
    sever() {
      state = 'severed'
      cut()
    },
    swallowAnswers() {
      state = 'swallowing'
    },
    freeze() {
      state = 'frozen'
    },
    mend() {
      state = 'whole'
    },
  }
}
