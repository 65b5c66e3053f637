import { describe, expect, it } from 'vitest'
import type { Attempt } from '../../../src/egress/index.ts'
import { deadOrigin, failureOf, fastClock, get, openTestDoor, optionsFor, postOptions, serve } from './rig.ts'

const RETRY = { attempts: 3, backoffSeconds: [1, 2], repeatable: true }

/** Answers in turn, the last one for ever. */
async function serveInTurn(...answers: [number, Record<string, string>?][]) {
  let heard = 0
  const { origin } = await serve((_request, response) => {
    const [status, headers] = answers[Math.min(heard, answers.length - 1)] ?? [200]
    heard++
    response.writeHead(status, headers).end(`answer ${heard}`)
  })
  return { origin, heard: () => heard }
}

describe('trying again', () => {
  it('repeats a read until it is answered, waiting as the policy says', async () => {
    const clock = fastClock()
    const { door } = openTestDoor({ clock })
    const { origin } = await serveInTurn([503], [429], [200])
    const seen: Attempt[] = []

    const { response, attempts } = await door.send(
      get(origin),
      optionsFor(origin, { retry: RETRY, onAttempt: (attempt) => seen.push(attempt) }),
    )

    expect(response.text).toBe('answer 3')
    expect(clock.slept).toEqual([1000, 2000])
    expect(seen).toEqual(attempts)
    expect(attempts.map(({ number, status, retry }) => [number, status, retry.retry])).toEqual([
      [1, 503, true],
      [2, 429, true],
      [3, 200, false],
    ])
  })

  it('waits as long as Retry-After says', async () => {
    const clock = fastClock()
    const { door } = openTestDoor({ clock })
    const { origin } = await serveInTurn([429, { 'retry-after': '5' }], [200])

    await door.send(get(origin, { method: 'POST' }), postOptions(origin))

    expect(clock.slept).toEqual([5000])
  })

  it('returns the answer at once when the wait would outlast the call', async () => {
    const clock = fastClock()
    const { door } = openTestDoor({ clock })
    const { origin, heard } = await serveInTurn([429, { 'retry-after': '3600' }])

    const { response } = await door.send(get(origin), optionsFor(origin, { retry: RETRY }))

    expect([response.status, heard(), clock.slept]).toEqual([429, 1, []])
  })

  it('returns the last answer when the tries are used up', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    const { origin, heard } = await serveInTurn([503])

    const { response } = await door.send(get(origin), optionsFor(origin, { retry: RETRY }))

    expect([response.status, heard()]).toEqual([503, 3])
  })

  it('does not repeat an effectful request that was answered with 503', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    const { origin, heard } = await serveInTurn([503, { 'retry-after': '1' }], [200])

    const { response } = await door.send(get(origin, { method: 'POST' }), postOptions(origin))

    expect([response.status, heard()]).toEqual([503, 1])
  })

  it('repeats an effectful request whose connection was refused, as nothing left', async () => {
    const clock = fastClock()
    const { door } = openTestDoor({ clock })
    const origin = await deadOrigin()

    const failure = await failureOf(door.send(get(origin, { method: 'POST' }), postOptions(origin)))

    expect(failure.details).toMatchObject({ departure: 'nothing-left', attempts: [{}, {}, {}] })
    expect(clock.slept).toHaveLength(2)
  })

  it('repeats a read whose connection broke off', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    let heard = 0
    const { origin } = await serve((request, response) => {
      if (heard++ === 0) request.socket.destroy()
      else response.end('ok')
    })

    const { response, attempts } = await door.send(get(origin), optionsFor(origin, { retry: RETRY }))

    expect(response.text).toBe('ok')
    expect(attempts[0]).toMatchObject({ error: expect.stringContaining('broke off'), retry: { retry: true } })
  })

  it('says that something may have left when an earlier try did', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    const { origin, server } = await serve((request) => {
      server.close()
      request.socket.destroy()
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { retry: RETRY })))

    expect(failure.details).toMatchObject({ cause: 'ECONNREFUSED', departure: 'may-have-left' })
  })

  it('says that nothing was left when the only answers were 429', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    const { origin, server } = await serve((_request, response) => {
      server.close()
      response.writeHead(429, { connection: 'close' }).end()
    })

    const failure = await failureOf(door.send(get(origin, { method: 'POST' }), postOptions(origin)))

    expect(failure.details).toMatchObject({ cause: 'ECONNREFUSED', departure: 'nothing-left' })
  })
})

describe('an abort', () => {
  it('before the start leaves nothing', async () => {
    const { door } = openTestDoor()
    const { origin, heard } = await serveInTurn([200])

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { signal: AbortSignal.abort() })))

    expect(failure).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'nothing-left' } })
    expect(heard()).toBe(0)
  })

  it('while the answer is awaited says that it may have left', async () => {
    const { door } = openTestDoor()
    const controller = new AbortController()
    const { origin } = await serve(() => controller.abort())

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { signal: controller.signal })))

    expect(failure).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'may-have-left' } })
  })

  it('while a further try is awaited ends the wait', async () => {
    const { door } = openTestDoor()
    const controller = new AbortController()
    const { origin, heard } = await serveInTurn([429, { 'retry-after': '10' }])

    const failure = await failureOf(
      door.send(
        get(origin, { method: 'POST' }),
        postOptions(origin, {
          signal: controller.signal,
          onAttempt: () => void setImmediate(() => controller.abort()),
        }),
      ),
    )

    expect(failure).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'nothing-left', attempts: [{}] } })
    expect(heard()).toBe(1)
  })

  it('of a request that waits for a free connection leaves nothing', async () => {
    const { door } = openTestDoor()
    let heard = 0
    const { origin } = await serve(() => void heard++)
    const hanging = Array.from({ length: 128 }, () => failureOf(door.send(get(origin), optionsFor(origin))))
    while (heard < 128) await new Promise(setImmediate)
    const controller = new AbortController()

    const queued = failureOf(door.send(get(origin), optionsFor(origin, { signal: controller.signal })))
    await new Promise(setImmediate)
    controller.abort()

    expect(await queued).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'nothing-left' } })
    await door.close()
    await Promise.all(hanging)
    expect(heard).toBe(128)
  })
})
