// The last word before bytes leave: asked with the connection at hand, once a try.
import { describe, expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import { failureOf, fastClock, get, openTestDoor, optionsFor, serve } from './rig.ts'

const lost = () => {
  throw new FabricError('IF_ERR_CLAIM_LOST', 'too late', { hint: 'stop' })
}

async function heardBy() {
  const heard: string[] = []
  const { origin } = await serve((request, response) => {
    heard.push(request.url ?? '')
    response.writeHead(heard.length === 1 ? 503 : 200).end('{}')
  })
  return { heard, origin }
}

describe('what is asked before bytes leave', () => {
  it('keeps a request inside by throwing, on a new connection and on one that is open', async () => {
    const { door } = openTestDoor()
    const { heard, origin } = await heardBy()

    const fresh = await failureOf(door.send(get(origin), optionsFor(origin, { beforeSend: lost })))
    await door.send(get(origin), optionsFor(origin))
    const open = await failureOf(door.send(get(origin), optionsFor(origin, { beforeSend: lost })))
    await door.send(get(origin), optionsFor(origin))

    for (const failure of [fresh, open]) {
      expect(failure).toMatchObject({
        code: 'IF_ERR_CLAIM_LOST',
        message: 'too late',
        hint: 'stop',
        details: { departure: 'nothing-left' },
      })
    }
    expect(heard).toHaveLength(2)
  })

  it('is not asked where the connection never came about', async () => {
    const { door } = openTestDoor()
    const { origin, server } = await serve(() => {})
    await new Promise((resolve) => server.close(resolve))

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { beforeSend: lost })))

    expect(failure.code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
  })

  it('is asked again before each try; what an earlier one may have done is still said', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    const { heard, origin } = await heardBy()
    let asked = 0
    const beforeSend = () => {
      if (++asked === 2) lost()
    }
    const retry = { attempts: 3, backoffSeconds: [1], repeatable: true }

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { beforeSend, retry })))

    expect(failure).toMatchObject({ code: 'IF_ERR_CLAIM_LOST', details: { departure: 'may-have-left' } })
    expect(asked).toBe(2)
    expect(heard).toHaveLength(1)
  })
})
