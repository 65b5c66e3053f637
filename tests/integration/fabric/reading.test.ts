// Reads and streams: judged, witnessed and ended like every action, without a plan to keep.
import { describe, expect, it } from 'vitest'
import { failureOf, openStudio, type Studio } from './rig.ts'

const switchLight = async (studio: Studio, state: 'on' | 'off') =>
  studio.fabric.apply(
    await studio.fabric.plan({
      instance: 'home-assistant',
      operation: 'device.set',
      input: { id: 'light.studio', state },
    }),
  )

const kindsOf = async ({ fabric }: Studio): Promise<unknown[]> => {
  const kinds: unknown[] = []
  for await (const entry of fabric.witnessEntries()) kinds.push(entry.kind)
  return kinds
}

const LIGHT = { instance: 'home-assistant', operation: 'state.watch', input: { id: 'light.studio' } }

describe('a read', () => {
  it('gives a receipt and is in the log', async () => {
    const studio = await openStudio({ providers: ['stripe'] })

    const receipt = await studio.fabric.call({ instance: 'stripe', operation: 'balance.get', input: {} })

    expect(receipt).toMatchObject({
      run: null,
      state: 'done',
      operation: 'balance.get',
      result: { available: expect.any(Array) },
    })
    expect(receipt.witness).toBeGreaterThanOrEqual(0)
    expect(await kindsOf(studio)).toContain('step.end')
  })

  it('is refused where it would change the world, with the command that plans it', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['slack'] })

    const error = await failureOf(
      fabric.call({ instance: 'slack', operation: 'message.send', input: { to: '#a', text: 'x' } }),
    )

    expect(error).toMatchObject({ code: 'IF_ERR_USAGE', exitCode: 2, next: 'ifab plan slack message.send …' })
    expect(effectsAt('slack')).toEqual([])
  })

  it.each([
    [{ instance: 'stripe', operation: 'payment.get', input: { id: 'pi_none' } }, 'IF_ERR_NOT_FOUND'],
    [{ instance: 'stripe', operation: 'payment.get', input: {} }, 'IF_ERR_INVALID_INPUT'],
    [{ instance: 'stripe', operation: 'payment.gte', input: {} }, 'IF_ERR_UNKNOWN_OPERATION'],
    [{ instance: 'nobody', operation: 'payment.get', input: {} }, 'IF_ERR_UNKNOWN_PROVIDER'],
  ])('that fails throws its reason: %j', async (intent, code) => {
    const { fabric } = await openStudio({ providers: ['stripe'] })

    expect((await failureOf(fabric.call(intent))).code).toBe(code)
  })

  it('is refused where the policy forbids it', async () => {
    const { fabric } = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\npolicy: {effects: {read: deny}}\n',
    })

    expect((await failureOf(fabric.call({ instance: 'stripe', operation: 'balance.get', input: {} }))).code).toBe(
      'IF_ERR_POLICY_DENIED',
    )
  })

  it('ends when its caller gives up', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'], faults: ['stripe/balance.get:latency=10s'] })
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 30)

    const error = await failureOf(
      fabric.call({ instance: 'stripe', operation: 'balance.get', input: {} }, { signal: abort.signal }),
    )

    expect(error.code).toBe('IF_ERR_CANCELLED')
  })

  it('leaves spans of its stages where somebody traces', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const fabric = await studio.open({ trace: 'c'.repeat(32) })

    await fabric.call({ instance: 'stripe', operation: 'balance.get', input: {} })

    expect(fabric.trace.traceId).toBe('c'.repeat(32))
    expect(fabric.trace.spans.map((span) => span.name)).toEqual(
      expect.arrayContaining(['plan', 'judge', 'begin', 'execute', 'end']),
    )
  })
})

describe('a stream', () => {
  it('gives what happens until its signal aborts, and is in the log from open to close', async () => {
    const studio = await openStudio({ providers: ['home-assistant'] })
    const abort = new AbortController()
    const seen: unknown[] = []
    const watching = (async () => {
      for await (const event of studio.fabric.watch(LIGHT, { signal: abort.signal, why: 'rehearsal' })) {
        seen.push(event.state)
        if (seen.length === 2) abort.abort()
      }
    })()
    // Switched until it is seen: nothing tells when the subscription stands.
    for (let on = true; !abort.signal.aborted; on = !on) await switchLight(studio, on ? 'on' : 'off')

    await watching

    expect(new Set(seen)).toEqual(new Set(['on', 'off']))
    const kinds = await kindsOf(studio)
    expect(kinds.filter((kind) => String(kind).startsWith('stream.'))).toEqual(['stream.open', 'stream.close'])
  })

  it('ends when its consumer stops', async () => {
    const studio = await openStudio({ providers: ['home-assistant'] })
    let done = false
    const watching = (async () => {
      for await (const event of studio.fabric.watch(LIGHT)) return event
    })().finally(() => {
      done = true
    })
    for (let on = true; !done; on = !on) await switchLight(studio, on ? 'on' : 'off')

    expect(await watching).toMatchObject({ id: 'light.studio', changedAt: expect.any(String) })
    expect(await kindsOf(studio)).toContain('stream.close')
  })

  it.each([
    ['deny', 'version: 1\npolicy: {effects: {read: deny}}\n'],
    ['ask', 'version: 1\npolicy: {effects: {read: ask}}\n'],
  ])('is refused where the policy says %s', async (_decision, config) => {
    const { fabric } = await openStudio({ providers: ['home-assistant'], config })

    const error = await failureOf(
      (async () => {
        for await (const _event of fabric.watch(LIGHT)) return
      })(),
    )

    expect(error.code).toBe('IF_ERR_POLICY_DENIED')
  })

  it('is refused where it is no read', async () => {
    const { fabric } = await openStudio({ providers: ['home-assistant'] })
    const watching = fabric.watch({
      instance: 'home-assistant',
      operation: 'device.set',
      input: { id: 'a.b', state: 'on' },
    })

    expect((await failureOf(watching[Symbol.asyncIterator]().next())).code).toBe('IF_ERR_USAGE')
  })
})
