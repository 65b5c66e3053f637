// One worker thread with nothing of ours in it: no environment, no flags, no standard streams, a bounded heap. It never
// keeps the process alive. Its end is told once, whatever it came from.
import { Worker } from 'node:worker_threads'
import type { FromWorker, ToWorker } from '../guest-protocol.ts'

/** Of the thread's own JavaScript; linear memories of guests are outside of it, each with a maximum of its own. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 }

export interface ThreadEnd {
  reason: string
  /** Its heap was full. */
  isMemory: boolean
}

export interface ThreadOptions {
  file: string | URL
  quickJs: WebAssembly.Module
  onMessage: (message: FromWorker) => void
  /** Not called for an end that was asked for. */
  onEnd: (end: ThreadEnd) => void
}

export class GuestThread {
  readonly #worker: Worker
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))
  #isOver = false

  constructor({ file, quickJs, onMessage, onEnd }: ThreadOptions) {
    this.#worker = new Worker(file, {
      name: 'infrafabric guest',
      workerData: { quickJs, stop: this.#stop.buffer },
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: RESOURCE_LIMITS,
    })
    const end = (reason: string, isMemory = false) => {
      if (this.#isOver) return
      this.#isOver = true
      onEnd({ reason, isMemory })
    }
    this.#worker.on('message', (message: FromWorker) => {
      if (!this.#isOver) onMessage(message)
    })
    this.#worker.on('messageerror', (error) => end(`a message of it cannot be read: ${error.message}`))
    this.#worker.on('error', (error: NodeJS.ErrnoException) =>
      end(error.message, error.code === 'ERR_WORKER_OUT_OF_MEMORY'),
    )
    this.#worker.on('exit', (code) => end(`it exited with code ${code}`))
    // Last: to listen for messages makes it keep the process alive again.
    this.#worker.unref()
  }

  post(message: ToWorker): void {
    if (!this.#isOver) this.#worker.postMessage(message)
  }

  /** Asks the running call to stop, by a flag that its meter reads: no message reaches a thread that runs. */
  stop(callId: number): void {
    Atomics.store(this.#stop, 0, callId)
    Atomics.notify(this.#stop, 0)
  }

  /** Ends the thread, whatever runs in it. */
  async end(): Promise<void> {
    this.#isOver = true
    // Whoever waits for the end must live until then.
    this.#worker.ref()
    await this.#worker.terminate()
  }
}
