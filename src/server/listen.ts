// Binds the daemon's two addresses: a port of this machine, and a socket that only its owner can open.
import { chmod, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FabricError } from '../foundation/index.ts'
import { prepareSocketFolder } from './socket-path.ts'

const HOST = '127.0.0.1'

/** Returns the port. IF_ERR_ALREADY_EXISTS where another process has it. */
export async function listenOnPort(server: Server, port: number): Promise<number> {
  try {
    await listening(server, () => server.listen({ host: HOST, port, exclusive: true }))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const isTaken = code === 'EADDRINUSE'
    throw new FabricError(
      isTaken ? 'IF_ERR_ALREADY_EXISTS' : 'IF_ERR_DAEMON_UNAVAILABLE',
      isTaken ? `port ${port} is in use by another process` : `${HOST}:${port} can't be listened on (${code})`,
      { hint: 'Choose another one with --port, or --port 0 for any that is free.', details: { port }, cause },
    )
  }
  return (server.address() as AddressInfo).port // it listens on a port, so this is no path
}

/** Whoever calls holds the lock of the home: a socket that is there belongs to no one. */
export async function listenOnSocket(server: Server, path: string, home: string): Promise<void> {
  await prepareSocketFolder(path, home)
  await rm(path, { force: true })
  try {
    await listening(server, () => {
      // Bound within this call: nobody else can open it even for a moment.
      const mask = process.umask(0o177)
      try {
        server.listen(path)
      } finally {
        process.umask(mask)
      }
    })
    await chmod(path, 0o600)
  } catch (cause) {
    throw new FabricError(
      'IF_ERR_HOME_UNUSABLE',
      `${path} can't be listened on (${(cause as NodeJS.ErrnoException).code})`,
      {
        cause,
      },
    )
  }
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}

/** Takes nobody in any more and cuts who is in. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()) // an error says that it never listened
    server.closeAllConnections()
  })
}
