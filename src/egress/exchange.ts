// One request and its answer over one connection. Knows exactly whether the request can have left: undici tells when it
// hands the head of the request to a connected socket, and until then nothing is written.
import type { Dispatcher } from 'undici'
import { bodyTooLarge } from './decode.ts'
import { Flow } from './flow.ts'
import type { Departure } from './port.ts'

export interface ExchangeRequest {
  host: string
  method: string
  path: string
  headers: Record<string, string>
  body: string | Uint8Array | undefined
  maxBodyBytes: number
}

export interface RawResponse {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export type ExchangeResult =
  | { ok: true; response: RawResponse; flow?: Flow }
  | { ok: false; departure: Departure; thrown: unknown }

export interface ExchangeOptions {
  /** Breaks the exchange off; its reason is then what was thrown. */
  signal: AbortSignal
  /** Keeps the request inside by throwing. */
  beforeSend: (() => void) | undefined
  /** The body of a success comes as `flow` while it is under way, `response.body` is empty then. */
  flows: boolean
}

/** Never rejects. */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const handler = new AnswerCollector(request, options, resolve)
    if (handler.settled) return
    try {
      dispatcher.dispatch(
        {
          path: request.path,
          // The route names the method; undici checks that it is a token.
          method: request.method as Dispatcher.HttpMethod,
          headers: request.headers,
          body: request.body ?? null,
        },
        handler,
      )
    } catch (thrown) {
      handler.fail(thrown)
    }
  })
}

class AnswerCollector implements Dispatcher.DispatchHandler {
  settled = false
  readonly #request: ExchangeRequest
  readonly #options: ExchangeOptions
  readonly #resolve: (result: ExchangeResult) => void
  readonly #stop = () => this.fail(this.#options.signal.reason)
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: Record<string, string> = {}
  #chunks: Buffer[] = []
  #size = 0
  #flow: Flow | undefined

  constructor(request: ExchangeRequest, options: ExchangeOptions, resolve: (result: ExchangeResult) => void) {
    this.#request = request
    this.#options = options
    this.#resolve = resolve
    if (options.signal.aborted) this.#stop()
    else options.signal.addEventListener('abort', this.#stop, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    try {
      if (!this.settled) this.#options.beforeSend?.()
    } catch (thrown) {
      this.fail(thrown)
    }
    if (this.settled) controller.abort(new Error('given up before it was sent'))
    else this.#controller = controller
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = joinHeaders(headers)
    if (this.#options.flows && status < 300) this.#startFlow(controller)
    else if (Number(this.#headers['content-length']) > this.#request.maxBodyBytes && this.#request.method !== 'HEAD') {
      this.fail(bodyTooLarge(this.#request.host, this.#request.maxBodyBytes))
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#flow) {
      this.#flow.push(chunk)
      return
    }
    this.#size += chunk.length
    if (this.#size <= this.#request.maxBodyBytes) this.#chunks.push(chunk)
    else this.fail(bodyTooLarge(this.#request.host, this.#request.maxBodyBytes))
  }

  onResponseEnd(): void {
    if (this.#flow) {
      this.#flow.end()
      return
    }
    const [first] = this.#chunks
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#settle({ ok: true, response: { status: this.#status, headers: this.#headers, body } })
  }

  onResponseError(_controller: Dispatcher.DispatchController, thrown: Error): void {
    const reason = this.#status > 0 && isCutOff(thrown) ? TRUNCATED : thrown
    if (this.#flow) this.#flow.fail(reason)
    else this.fail(reason)
  }

  fail(thrown: unknown): void {
    if (this.#flow) {
      this.#flow.cut(thrown)
      return
    }
    const controller = this.#controller
    this.#settle({ ok: false, departure: controller ? 'may-have-left' : 'nothing-left', thrown })
    if (controller && !controller.aborted) controller.abort(new Error('given up'))
  }

  #settle(result: ExchangeResult): void {
    if (this.settled) return
    this.settled = true
    if (!this.#flow) this.#listenNoMore()
    this.#chunks = []
    this.#resolve(result)
  }

  #startFlow(controller: Dispatcher.DispatchController): void {
    const flow = new Flow(controller)
    this.#flow = flow
    void flow.closed.then(() => this.#listenNoMore())
    this.#settle({ ok: true, response: { status: this.#status, headers: this.#headers, body: NOTHING }, flow })
  }

  #listenNoMore(): void {
    this.#options.signal.removeEventListener('abort', this.#stop)
  }
}

const NOTHING = Buffer.alloc(0)

type RawHeaders = Record<string, string | string[] | undefined>

/** A connection that closes after the head of an answer cut its body off. */
const isCutOff = (thrown: Error): boolean =>
  ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(String((thrown as NodeJS.ErrnoException).code))

const TRUNCATED = Object.assign(new Error('cut off'), { code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' })

function joinHeaders(headers: RawHeaders): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    joined[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  }
  return joined
}
