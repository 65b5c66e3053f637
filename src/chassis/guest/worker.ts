// Entry of a worker thread: the pool's messages go to the house of its guests, and its messages back. It has no code of the
// host beside this, no environment and no standard streams.
import { parentPort, workerData } from 'node:worker_threads'
import type { FromWorker, ToWorker } from '../guest-protocol.ts'
import { GuestHouse } from './guest-house.ts'

const { quickJs, stop } = workerData as { quickJs: WebAssembly.Module; stop?: SharedArrayBuffer }
const port = parentPort
if (!port) throw new Error('this file is the entry of a worker thread')

// The interpreter's library prints what it cannot report; nobody reads it here.
console.error = () => undefined

const house = new GuestHouse({
  quickJs,
  post: (message: FromWorker) => port.postMessage(message),
  stop: stop && new Int32Array(stop),
})
port.on('message', (message: ToWorker) => void house.receive(message))
port.postMessage({ type: 'ready' } satisfies FromWorker)
