// The official client `home-assistant-js-websocket` and plain HTTP against the twin: both sides see the same studio.
import {
  type Connection,
  callService,
  createConnection,
  createLongLivedTokenAuth,
  ERR_CANNOT_CONNECT,
  ERR_INVALID_AUTH,
  getConfig,
  getServices,
  getStates,
  getUser,
  type HassEntities,
  subscribeConfig,
  subscribeEntities,
} from 'home-assistant-js-websocket'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import homeAssistant from '../../../src/providers/production/home-assistant/index.ts'
import { openTwin, parseFault, type Twin } from '../../../src/twin/index.ts'

const connect = (twin: Twin, token = twin.secrets.HASS_TOKEN ?? ''): Promise<Connection> =>
  createConnection({ auth: createLongLivedTokenAuth(twin.url, token), setupRetry: 0 })

const ask = (twin: Twin, path: string, body?: object, token = twin.secrets.HASS_TOKEN): Promise<Response> =>
  fetch(`${twin.url}/api${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })

/** Values that a client's callback received, to be awaited one by one. */
function inbox<T>(): { put: (value: T) => void; until: (fits: (value: T) => boolean) => Promise<T> } {
  const values: T[] = []
  let wake = () => {}
  return {
    put: (value) => {
      values.push(value)
      wake()
    },
    until: async (fits) => {
      for (;;) {
        const found = values.find(fits)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

interface StateChanged {
  event_type: string
  data: { entity_id: string; old_state: { state: string } | null; new_state: { state: string } }
}

describe('the client home-assistant-js-websocket with the twin', () => {
  let twin: Twin
  const open: Connection[] = []
  const connected = async () => {
    const connection = await connect(twin)
    open.push(connection)
    return connection
  }

  // The client wants the browser's WebSocket, which this Node.js does not have.
  const platform = globalThis as { WebSocket?: unknown }
  const before = platform.WebSocket
  beforeAll(() => {
    platform.WebSocket = WebSocket
  })
  afterAll(() => {
    platform.WebSocket = before
  })
  beforeEach(async () => {
    twin = await openTwin({ provider: homeAssistant })
  })
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.close()
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('is let in with the token and reads states, services, config and user', async () => {
    const connection = await connected()

    expect(connection.haVersion).toMatch(/^\d{4}\.\d+\.\d+$/)
    expect((await getStates(connection)).map(({ entity_id }) => entity_id)).toContain('light.studio')
    expect(Object.keys(await getServices(connection))).toEqual(
      expect.arrayContaining(['light', 'switch', 'automation']),
    )
    expect(await getConfig(connection)).toMatchObject({ version: connection.haVersion, state: 'RUNNING' })
    expect((await getUser(connection)).name).toBe('Twin')
    await connection.ping()
  })

  it('is refused with a wrong token', async () => {
    await expect(connect(twin, 'wrong.token.altogether')).rejects.toBe(ERR_INVALID_AUTH)
  })

  it('switches a light, and is told of it by a subscription', async () => {
    const connection = await connected()
    const heard = inbox<StateChanged>()
    await connection.subscribeEvents<StateChanged>(heard.put, 'state_changed')

    await callService(connection, 'light', 'turn_on', { brightness: 90 }, { entity_id: 'light.studio' })

    expect(await heard.until(({ data }) => data.entity_id === 'light.studio')).toMatchObject({
      event_type: 'state_changed',
      data: { old_state: { state: 'off' }, new_state: { state: 'on', attributes: { brightness: 90 } } },
    })
    expect(await (await ask(twin, '/states/light.studio')).json()).toMatchObject({ state: 'on' })
  })

  it('is told of what another connection and what HTTP changed', async () => {
    const [one, two] = [await connected(), await connected()]
    const heard = inbox<StateChanged>()
    await one.subscribeEvents<StateChanged>(heard.put)

    await callService(two, 'switch', 'turn_on', undefined, { entity_id: 'switch.on_air' })
    await ask(twin, '/services/homeassistant/turn_on', { entity_id: 'fan.rack' })

    await heard.until(({ data }) => data.entity_id === 'switch.on_air' && data.new_state.state === 'on')
    await heard.until(({ data }) => data.entity_id === 'fan.rack' && data.new_state.state === 'on')
    expect(twin.effects).toMatchObject([{ operation: 'device.set', id: 'fan.rack' }])
  })

  it('keeps its own copy of all entities up to date', async () => {
    const connection = await connected()
    const seen = inbox<HassEntities>()
    subscribeEntities(connection, seen.put)

    const first = await seen.until((entities) => entities['light.stage'] !== undefined)
    expect(first['light.stage']).toMatchObject({ state: 'on', attributes: { friendly_name: 'Stage light' } })
    await ask(twin, '/services/homeassistant/turn_off', { entity_id: 'light.stage' })
    const later = await seen.until((entities) => entities['light.stage']?.state === 'off')

    expect(later['light.stage']?.attributes.brightness ?? null).toBeNull()
    await ask(twin, '/states/sensor.made_up', { state: '7', attributes: { unit_of_measurement: 'dB' } })
    expect((await seen.until((entities) => entities['sensor.made_up'] !== undefined))['sensor.made_up']).toMatchObject({
      state: '7',
      attributes: { unit_of_measurement: 'dB' },
    })
  })

  it('reads the config as a collection', async () => {
    const connection = await connected()
    const seen = inbox<{ location_name: string }>()

    const stop = subscribeConfig(connection, seen.put)

    expect((await seen.until(() => true)).location_name).toBe('Studio')
    stop()
  })

  it('hears no more after it has unsubscribed', async () => {
    const connection = await connected()
    const [dropped, kept] = [inbox<StateChanged>(), inbox<StateChanged>()]
    let unwanted = 0
    const stop = await connection.subscribeEvents<StateChanged>((event) => {
      unwanted += 1
      dropped.put(event)
    }, 'state_changed')
    await connection.subscribeEvents<StateChanged>(kept.put, 'state_changed')
    await ask(twin, '/services/homeassistant/turn_on', { entity_id: 'light.studio' })
    await dropped.until(() => true)
    const counted = unwanted

    await stop()
    await ask(twin, '/services/homeassistant/turn_off', { entity_id: 'light.studio' })
    await kept.until(({ data }) => data.new_state.state === 'off')

    expect(unwanted).toBe(counted)
  })

  it('gets errors as results', async () => {
    const connection = await connected()

    await expect(callService(connection, 'light', 'explode')).rejects.toMatchObject({ code: 'not_found' })
    await expect(connection.sendMessagePromise({ type: 'make_tea' })).rejects.toMatchObject({ code: 'unknown_command' })
  })

  it('comes back by itself after a cut connection, and its subscription with it', async () => {
    const connection = await connected()
    const heard = inbox<StateChanged>()
    await connection.subscribeEvents<StateChanged>(heard.put, 'state_changed')
    const back = new Promise<void>((resolve) => connection.addEventListener('ready', () => resolve()))
    const gone = new Promise<void>((resolve) => connection.addEventListener('disconnected', () => resolve()))
    twin.setFaults([parseFault('state.watch:drop')])

    await expect(connection.ping()).rejects.toMatchObject({ error: { message: 'Connection lost' } })
    await gone
    twin.setFaults([])
    await back
    await connection.ping()
    await ask(twin, '/services/homeassistant/turn_on', { entity_id: 'light.studio' })

    expect((await heard.until(() => true)).data.new_state.state).toBe('on')
  })

  it('cannot connect while the twin is told to be out of service', async () => {
    twin.setFaults([parseFault('*:503')])

    await expect(connect(twin)).rejects.toBe(ERR_CANNOT_CONNECT)
  })

  it("answers over HTTP in Home Assistant's shapes", async () => {
    expect(await (await ask(twin, '/')).json()).toEqual({ message: 'API running.' })
    expect(await (await ask(twin, '/states')).json()).toHaveLength(6)
    const unauthorized = await ask(twin, '/states', undefined, 'wrong')
    expect([unauthorized.status, await unauthorized.text()]).toEqual([401, '401: Unauthorized'])
    const unknown = await ask(twin, '/states/light.none')
    expect([unknown.status, await unknown.json()]).toEqual([404, { message: 'Entity not found.' }])
    expect((await ask(twin, '/nothing')).status).toBe(404)
    const ran = await ask(twin, '/services/automation/trigger', { entity_id: 'automation.show_open' })
    expect(await ran.json()).toMatchObject([{ entity_id: 'automation.show_open' }])
    expect((await ask(twin, '/services/automation/trigger', {})).status).toBe(400)
    expect(twin.effects.map(({ operation, id }) => [operation, id])).toEqual([
      ['automation.trigger', 'automation.show_open'],
    ])
  })
})
