// BullMQ under the same loads: one producer connection, one worker with as many tasks at once.
import { type Job, Queue, Worker } from 'bullmq'
import { inLoops, pause, payloadOf, type Spread, spreadOf } from './figures.ts'
import type { Load } from './loads.ts'

const connectionTo = (port: number) => ({ port, host: '127.0.0.1', maxRetriesPerRequest: null })

export async function peerJobsPerSecond(port: number, { jobs, workers }: Load): Promise<number> {
  const connection = connectionTo(port)
  const name = `jobs-${workers}`
  const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } })
  await queue.waitUntilReady()
  const round = async (count: number) => {
    const worker = new Worker(name, async () => undefined, { connection, concurrency: workers })
    let left = count
    const done = new Promise<void>((resolve) => {
      worker.on('completed', () => {
        left--
        if (left === 0) resolve()
      })
    })
    await worker.waitUntilReady()
    const start = performance.now()
    await inLoops(count, workers, (at) => queue.add('job', payloadOf(at)))
    await done
    const seconds = (performance.now() - start) / 1000
    await worker.close()
    return count / seconds
  }
  try {
    await round(Math.ceil(jobs / 5))
    return await round(jobs)
  } finally {
    await queue.obliterate({ force: true })
    await queue.close()
  }
}

/** Time of `getNextJob` in closed loops; completions in between. */
export async function peerClaimSpread(port: number, { jobs, workers }: Load): Promise<Spread> {
  const connection = connectionTo(port)
  const name = `claims-${workers}`
  const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } })
  await queue.addBulk(Array.from({ length: jobs }, (_, at) => ({ name: 'job', data: payloadOf(at) })))
  const worker = new Worker(name, null, { connection })
  await worker.waitUntilReady()
  const times: number[] = []
  try {
    await inLoops(jobs, workers, async (at) => {
      const start = performance.now()
      const job: Job | undefined = await worker.getNextJob(`token-${at}`, { block: false })
      times.push(performance.now() - start)
      await job?.moveToCompleted(null, `token-${at}`, false)
    })
    return spreadOf(times)
  } finally {
    await worker.close()
    await queue.obliterate({ force: true })
    await queue.close()
  }
}

export async function peerPushSpread(port: number, count: number): Promise<Spread> {
  const connection = connectionTo(port)
  const queue = new Queue('push', { connection, defaultJobOptions: { removeOnComplete: true } })
  const times: number[] = []
  let arrived = () => {}
  let start = 0
  const worker = new Worker(
    'push',
    async () => {
      times.push(performance.now() - start)
      arrived()
    },
    { connection, concurrency: 1 },
  )
  try {
    await worker.waitUntilReady()
    await pause(300)
    for (let at = 0; at < count; at++) {
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve
      })
      start = performance.now()
      void queue.add('job', payloadOf(at))
      await arrival
      await pause(5)
    }
    return spreadOf(times.slice(Math.floor(count / 10)))
  } finally {
    await worker.close()
    await queue.obliterate({ force: true })
    await queue.close()
  }
}
