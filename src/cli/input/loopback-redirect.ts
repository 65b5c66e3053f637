// Waits on loopback for the browser that a provider sends back after a consent (RFC 8252, 7.3). Takes the one request that
// carries the state of this consent and refuses every other, so that no page in the browser can end it or put in a code of
// its own. What it answers holds nothing of what came.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ConsentAnswer } from '../../adapter/index.ts'
import { FabricError } from '../../foundation/index.ts'

export interface LoopbackRedirect {
  /** `http://127.0.0.1:PORT/callback`. */
  uri: string
  /** What came back with this state; rejects with IF_ERR_CANCELLED when the signal aborts. */
  answer(state: string, signal: AbortSignal): Promise<ConsentAnswer>
  close(): Promise<void>
}

const PATH = '/callback'

/** IF_ERR_ALREADY_EXISTS where the port is in use. Without a port a free one. */
export async function openLoopbackRedirect(port = 0): Promise<LoopbackRedirect> {
  let wanted: { state: string; resolve: (answer: ConsentAnswer) => void } | undefined
  const server = createServer((request, response) => {
    const answer = answerIn(request)
    if (!answer || answer.state === undefined || answer.state !== wanted?.state)
      return say(response, 404, 'Nothing is here.')
    say(response, 200, answer.code ? DONE : REFUSED)
    wanted.resolve(answer)
    wanted = undefined
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => reject(notListening(port, thrown)))
    server.listen(port, '127.0.0.1', resolve)
  })
  const at = (server.address() as AddressInfo).port // a TCP server that listens has one
  return {
    uri: `http://127.0.0.1:${at}${PATH}`,
    answer: (state, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(new FabricError('IF_ERR_CANCELLED', 'nobody consented before it was stopped'))
        if (signal.aborted) return stop()
        signal.addEventListener('abort', stop, { once: true })
        wanted = {
          state,
          resolve(answer) {
            signal.removeEventListener('abort', stop)
            resolve(answer)
          },
        }
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerIn({ method, url = '', headers, socket }: IncomingMessage): ConsentAnswer | undefined {
  const own = `127.0.0.1:${socket.localPort}`
  if (method !== 'GET' || headers.host !== own || !URL.canParse(url, `http://${own}`)) return undefined
  const { pathname, searchParams } = new URL(url, `http://${own}`)
  if (pathname !== PATH) return undefined
  const given = (name: string) => searchParams.get(name) ?? undefined
  const [code, state, error, errorDescription] = ['code', 'state', 'error', 'error_description'].map(given)
  return {
    ...(code === undefined ? {} : { code }),
    ...(state === undefined ? {} : { state }),
    ...(error === undefined ? {} : { error }),
    ...(errorDescription === undefined ? {} : { errorDescription }),
  }
}

const DONE = 'Thank you. InfraFabric goes on in the terminal; this page can be closed.'
const REFUSED = 'No consent was given. InfraFabric says more in the terminal; this page can be closed.'

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    Connection: 'close',
  })
  response.end(`${text}\n`)
}

const notListening = (port: number, { code }: NodeJS.ErrnoException): FabricError =>
  new FabricError(
    code === 'EADDRINUSE' ? 'IF_ERR_ALREADY_EXISTS' : 'IF_ERR_USAGE',
    `port ${port} of 127.0.0.1 cannot be listened on (${code})`,
    { hint: 'Give another one with --port, and tell the provider of it; without --port a free one is taken.' },
  )
