// A wire that can be held: a TCP relay in front of a twin. A hook sees each request before the twin does and each answer
// before the caller does, and the wire waits for it, so that a caller can be killed exactly between the two.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface RelayHooks {
  /** Before the first bytes of a request reach the twin. */
  request?: (line: string) => Promise<void> | void
  /** Before the first bytes of its answer reach the caller; the twin has acted by then. */
  answer?: (line: string) => Promise<void> | void
}

export interface Relay {
  url: string
  setHooks(hooks: RelayHooks): void
  /** Resolves when no connection is open on either side: nothing more can reach the twin. */
  quiet(): Promise<void>
  close(): Promise<void>
}

const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) \S+/

export async function openRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let hooks: RelayHooks = {}
  let waiting: (() => void)[] = []
  const track = (socket: Socket): void => {
    open.add(socket)
    socket.on('error', () => {}) // the other side died; its end follows
    socket.once('close', () => {
      open.delete(socket)
      if (open.size > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    })
  }

  const server = createServer({ allowHalfOpen: true }, (caller) => {
    const twin = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    let line = ''
    track(caller)
    track(twin)
    void pump(caller, twin, (head) => {
      const begins = REQUEST.exec(head)?.[0]
      if (begins === undefined) return
      line = begins
      return hooks.request?.(line)
    })
    void pump(twin, caller, (head) => {
      if (head.startsWith('HTTP/1.1')) return hooks.answer?.(line)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    setHooks: (next) => {
      hooks = next
    },
    async quiet() {
      // A caller that has just died may have left a connection in the queue of the system.
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve))
      if (open.size > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Bytes from one side to the other, each chunk once its hook lets it pass; an end ends the other side. */
async function pump(from: Socket, to: Socket, hook: (head: string) => Promise<void> | void): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      await hook(chunk.subarray(0, 200).toString('latin1'))
      to.write(chunk)
    }
    to.end()
  } catch {
    to.end() // cut off: what arrived has been passed on
  }
}
