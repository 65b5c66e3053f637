import { describe, expect, it } from 'vitest'
import type { JsonObject, TwinSocket } from '../../../src/adapter/index.ts'
import home from '../../../src/providers/production/home-assistant/index.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const set = home.operations['device.set']
const list = home.operations['device.list']
const watch = home.operations['state.watch']
const trigger = home.operations['automation.trigger']
const socket = home.socket
const rehearsal = home.twin.socket
if (!set || !list || !watch || !trigger || !socket || !rehearsal) throw new Error('home-assistant lacks a part')

const asOn = { id: 'light.studio', state: 'on' } as const

describe('Home Assistant: switching', () => {
  it.each([
    [asOn, '/api/services/homeassistant/turn_on', { entity_id: 'light.studio' }],
    [{ ...asOn, state: 'off' }, '/api/services/homeassistant/turn_off', { entity_id: 'light.studio' }],
    [{ ...asOn, attributes: {} }, '/api/services/homeassistant/turn_on', { entity_id: 'light.studio' }],
    [
      { ...asOn, attributes: { brightness: 10 } },
      '/api/services/light/turn_on',
      { brightness: 10, entity_id: 'light.studio' },
    ],
    [
      { id: 'fan.rack', state: 'on', attributes: { percentage: 5 } },
      '/api/services/fan/turn_on',
      { percentage: 5, entity_id: 'fan.rack' },
    ],
  ] as const)('sends %j to %s', (input, template, json) => {
    expect(set.request(input as never)).toMatchObject({
      method: 'POST',
      template,
      body: { encoding: 'json', value: json },
    })
  })

  it.each([
    { id: 'switch.on_air', state: 'on', attributes: { brightness: 1 } },
    { id: 'fan.rack', state: 'off', attributes: { percentage: 1 } },
    { id: 'ifab-ref-00001', state: 'on', attributes: { brightness: 1 } },
    { ...asOn, attributes: { entity_id: 'lock.front_door' } },
  ] as const)('refuses %j, for which no route is signed', (input) => {
    expect(() => set.request(input as never)).toThrow(expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }))
  })

  it('reports the state that came back, or the wanted one where nothing changed', () => {
    const state = { entity_id: 'light.studio', state: 'unavailable', attributes: {} }
    expect(set.result([state], { input: asOn, headers: {} })).toEqual({ id: 'light.studio', state: 'unavailable' })
    expect(set.result([], { input: asOn, headers: {} })).toEqual({ id: 'light.studio', state: 'on' })
  })

  it.each([
    ['on', 'on', true],
    ['on', 'playing', true],
    ['on', 'off', false],
    ['on', 'unavailable', false],
    ['on', 'unknown', false],
    ['off', 'off', true],
    ['off', 'on', false],
  ] as const)('reads back: wanted %s, is %s → %s', (wanted, state, holds) => {
    const read = set.verify?.({ input: { id: 'light.studio', state: wanted }, result: undefined })

    expect(read).toMatchObject({ operation: 'device.get', input: { id: 'light.studio' }, consistency: 'eventual' })
    expect(read?.holds({ state })).toBe(holds)
  })
})

describe('Home Assistant: undo', () => {
  const undo = typeof set.undo === 'function' ? set.undo : undefined
  const undoOf = (before: JsonObject | undefined, id = 'light.studio') =>
    undo?.({ input: { id, state: 'on' }, result: { id, state: 'on' }, before })

  it('reads the state before it changes it', () => {
    expect(set.before?.(asOn)).toEqual({ operation: 'device.get', input: { id: 'light.studio' } })
  })

  it('switches off again what was off', () => {
    expect(undoOf({ state: 'off', attributes: { brightness: null } })).toEqual({
      operation: 'device.set',
      input: { id: 'light.studio', state: 'off' },
    })
  })

  it('brings brightness and colour back in the light’s own mode', () => {
    const attributes = { brightness: 90, color_mode: 'rgb', rgb_color: [1, 2, 3], hs_color: [210, 66], effect: null }
    expect(undoOf({ state: 'on', attributes })?.input).toEqual({
      id: 'light.studio',
      state: 'on',
      attributes: { brightness: 90, rgb_color: [1, 2, 3] },
    })
  })

  it('brings a fan’s speed back, and only the state of everything else', () => {
    expect(undoOf({ state: 'on', attributes: { percentage: 30 } }, 'fan.rack')?.input).toMatchObject({
      attributes: { percentage: 30 },
    })
    expect(undoOf({ state: 'on', attributes: { current: 3 } }, 'switch.on_air')?.input).toEqual({
      id: 'switch.on_air',
      state: 'on',
    })
  })

  it.each([undefined, {}, { state: 'unavailable', attributes: {} }, { state: 'unknown', attributes: {} }])(
    'has no undo back to %j',
    (before) => {
      expect(undoOf(before)).toBeUndefined()
    },
  )

  it('gives no undo for what only the house knows', () => {
    expect(trigger.undo).toHaveProperty('none')
    expect(home.native?.['service.call']?.undo).toHaveProperty('none')
  })
})

describe('Home Assistant: reading', () => {
  const states = ['light.a', 'switch.b', 'light.c'].map((entity_id) => ({ entity_id, state: 'on', attributes: {} }))

  it('lists one kind, and no more than asked for', () => {
    const ids = (input: { limit: number; kind?: string }) =>
      list.result(states, { input, headers: {} })?.devices.map(({ id }) => id)

    expect(ids({ limit: 10, kind: 'light' })).toEqual(['light.a', 'light.c'])
    expect(ids({ limit: 2 })).toEqual(['light.a', 'switch.b'])
  })

  it('turns times into UTC and names a device without a name null', () => {
    const get = home.operations['device.get']
    const body = { entity_id: 'a.b', state: '1', attributes: {}, last_changed: '2026-05-30T23:43:32.418320+02:00' }

    expect(get?.result(body, { input: { id: 'a.b' }, headers: {} })).toMatchObject({
      name: null,
      changedAt: '2026-05-30T21:43:32.418Z',
    })
    expect(get?.result({ entity_id: 'a.b', state: '1' }, { input: { id: 'a.b' }, headers: {} })?.changedAt).toBeNull()
  })

  it('follows one device or all, and tells of one that went away', () => {
    const event = (entity_id: string, new_state: JsonObject | null) => ({
      event_type: 'state_changed',
      time_fired: '2026-05-30T21:43:32.418320+00:00',
      data: { entity_id, new_state },
    })
    const changedAt = '2026-05-30T21:43:32.418Z'

    expect(watch.result(event('light.a', { state: 'on' }), { input: {}, headers: {} })).toEqual({
      id: 'light.a',
      state: 'on',
      changedAt,
    })
    expect(watch.result(event('light.a', null), { input: { id: 'light.a' }, headers: {} })?.state).toBeNull()
    expect(watch.result(event('light.b', null), { input: { id: 'light.a' }, headers: {} })).toBeUndefined()
  })

  it('tells which Home Assistant it is', () => {
    expect(home.health.tell({ version: '2026.11.1', name: 'Studio' })).toBe('Home Assistant 2026.11.1 at Studio')
  })

  it.each([
    ['scheme', 'https', true],
    ['scheme', 'file', false],
    ['host', 'homeassistant.local', true],
    ['host', '192.168.0.2', true],
    ['host', '[fd00::2]', true],
    ['host', 'a/b', false],
    ['host', 'user@host', false],
    ['port', '8123', true],
    ['port', '0', false],
    ['port', '81x', false],
  ])('takes for %s the value %s: %s', (name, value, taken) => {
    expect(home.settings?.[name]?.pattern.test(value)).toBe(taken)
  })
})

describe('Home Assistant: faults over HTTP', () => {
  it.each([
    [400, 'IF_ERR_ACTION_FAILED'],
    [401, 'IF_ERR_AUTH_FAILED'],
    [403, 'IF_ERR_AUTH_FAILED'],
    [404, 'IF_ERR_NOT_FOUND'],
    [405, 'IF_ERR_ACTION_FAILED'],
    [429, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [500, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [502, 'IF_ERR_PROVIDER_UNAVAILABLE'],
  ])('reads %i as %s', (status, code) => {
    expect(home.errors(answer(status, { message: 'why' }))).toMatchObject({ code, message: 'why' })
  })

  it('speaks by the status where the body is text, and is silent at success', () => {
    expect(home.errors(answer(401, '401: Unauthorized'))?.message).toBe('Home Assistant answered 401')
    expect(home.errors(answer(429, {}, { 'retry-after': '3' }))?.retryAfterMs).toBe(3000)
    expect(home.errors(answer(201, {}))).toBeUndefined()
  })
})

describe('Home Assistant: its websocket', () => {
  it('gives the token when it is asked for, and is ready once it was taken', () => {
    const asked = socket.greet({ type: 'auth_required', ha_version: '2026.11.1' })

    expect(asked).toEqual({
      send: { type: 'auth' },
      slots: [{ in: 'message', name: 'access_token', parts: [{ secret: 'HASS_TOKEN' }] }],
    })
    expect(socket.greet({ type: 'auth_ok' })).toEqual({ ready: true })
    expect(socket.greet({ type: 'auth_invalid', message: 'Invalid password' })).toEqual({ refused: 'Invalid password' })
    expect(socket.greet({ type: 'auth_invalid' })).toEqual({ refused: 'the token is not valid' })
    expect(socket.greet({ type: 'else' })).toEqual({ wait: true })
  })

  it('knows answers and events of a command by its id', () => {
    expect(socket.frame({ type: 'ping' }, 3)).toEqual({ type: 'ping', id: 3 })
    expect(socket.receive({ id: 3, type: 'pong' }, 3)).toEqual({ kind: 'reply', body: {} })
    expect(socket.receive({ id: 4, type: 'pong' }, 3)).toBeUndefined()
    expect(socket.receive({ id: 3, type: 'result', success: true, result: [1] }, 3)).toEqual({
      kind: 'reply',
      body: [1],
    })
    expect(socket.receive({ id: 3, type: 'result', success: true }, 3)).toEqual({ kind: 'reply', body: null })
    expect(socket.receive({ id: 3, type: 'event', event: { a: 1 } }, 3)).toEqual({ kind: 'event', body: { a: 1 } })
    expect(socket.receive({ id: 3, type: 'event' }, 3)).toEqual({ kind: 'event', body: null })
    expect(socket.receive({ id: 3, type: 'auth_ok' }, 3)).toBeUndefined()
  })

  it.each([
    ['unauthorized', 'IF_ERR_AUTH_FAILED', undefined],
    ['not_found', 'IF_ERR_NOT_FOUND', undefined],
    ['timeout', 'IF_ERR_TIMEOUT', 'unknown'],
    ['unknown_error', 'IF_ERR_PROVIDER_UNAVAILABLE', 'unknown'],
    ['home_assistant_error', 'IF_ERR_ACTION_FAILED', 'unknown'],
    ['invalid_format', 'IF_ERR_ACTION_FAILED', 'not-done'],
    ['constructor', 'IF_ERR_ACTION_FAILED', 'not-done'],
  ])('reads the error %s as %s', (vendorCode, code, outcome) => {
    const received = socket.receive({ id: 1, type: 'result', success: false, error: { code: vendorCode } }, 1)
    const fault = received?.kind === 'fault' ? received.fault : undefined

    expect(fault).toMatchObject({ code, vendorCode, message: vendorCode })
    expect(fault?.outcome).toBe(outcome)
  })

  it('reads an error without an error object as a fault of theirs', () => {
    expect(socket.receive({ id: 1, type: 'result', success: false }, 1)).toMatchObject({
      fault: { code: 'IF_ERR_PROVIDER_UNAVAILABLE' },
    })
  })

  it('pings and watches by commands', () => {
    expect(home.native?.ping?.request({})).toMatchObject({
      transport: 'websocket',
      mode: 'reply',
      command: { type: 'ping' },
    })
    expect(watch.request({})).toMatchObject({ mode: 'stream', command: { event_type: 'state_changed' } })
  })
})

describe('Home Assistant: the twin over HTTP', () => {
  const turn = (twin: ReturnType<typeof rehearse>, template: string, body: JsonObject) =>
    twin.call('device.set', { template: `/api/services/${template}`, body })

  it('switches what there is and shows it', () => {
    const twin = rehearse(home)
    const changed = turn(twin, 'homeassistant/turn_on', { entity_id: 'switch.on_air' }).body

    expect(changed).toMatchObject([{ entity_id: 'switch.on_air', state: 'on' }])
    expect(bodyOf(twin.call('device.get', { path: { entity_id: 'switch.on_air' } })).state).toBe('on')
    expect(turn(twin, 'homeassistant/turn_on', { entity_id: 'switch.on_air' }).body).toEqual([])
    expect(turn(twin, 'switch/toggle', { entity_id: 'switch.on_air' }).body).toMatchObject([{ state: 'off' }])
  })

  it('gives a light the attributes asked for and takes them away in the dark', () => {
    const twin = rehearse(home)
    const lit = turn(twin, 'light/turn_on', { entity_id: 'light.studio', brightness: 90, color_temp_kelvin: 3000 }).body

    expect(lit).toMatchObject([{ state: 'on', attributes: { brightness: 90, color_mode: 'color_temp' } }])
    expect(turn(twin, 'light/turn_on', { entity_id: 'light.studio', brightness: 90, transition: 1 }).body).toEqual([])
    expect(turn(twin, 'light/turn_off', { entity_id: 'light.studio' }).body).toMatchObject([
      { state: 'off', attributes: { brightness: null, color_mode: null, friendly_name: 'Studio light' } },
    ])
    expect(turn(twin, 'light/turn_on', { entity_id: 'light.studio' }).body).toMatchObject([
      { attributes: { brightness: 255, color_mode: 'color_temp' } },
    ])
  })

  it('turns a fan at a speed', () => {
    const twin = rehearse(home)
    expect(turn(twin, 'fan/turn_on', { entity_id: 'fan.rack', percentage: 30 }).body).toMatchObject([
      { attributes: { percentage: 30 } },
    ])
    expect(turn(twin, 'homeassistant/turn_off', { entity_id: 'fan.rack' }).body).toMatchObject([
      { attributes: { percentage: 0 } },
    ])
    expect(turn(twin, 'homeassistant/turn_on', { entity_id: ['fan.rack'] }).body).toMatchObject([
      { attributes: { percentage: 100 } },
    ])
  })

  it('passes over entities that do not exist or are of another domain', () => {
    const twin = rehearse(home)
    expect(turn(twin, 'homeassistant/turn_on', { entity_id: 'light.nowhere' }).body).toEqual([])
    expect(turn(twin, 'fan/turn_on', { entity_id: 'light.studio' }).body).toEqual([])
    expect(turn(twin, 'homeassistant/turn_on', {}).body).toEqual([])
  })

  it('notes when an automation ran', () => {
    const twin = rehearse(home, { now: Date.UTC(2026, 0, 2) })
    const body = { entity_id: 'automation.show_open' }

    expect(twin.call('automation.trigger', { template: '/api/services/automation/trigger', body }).body).toMatchObject([
      { attributes: { last_triggered: '2026-01-02T00:00:00.000000+00:00' } },
    ])
  })

  it('calls a service by the names in its path', () => {
    const twin = rehearse(home)
    const call = (domain: string, service: string) =>
      twin.call('service.call', {
        template: '/api/services/{domain}/{service}',
        path: { domain, service },
        body: { entity_id: 'switch.on_air, light.studio' },
      })

    expect(call('homeassistant', 'turn_on').body).toHaveLength(2)
    expect(call('media_player', 'volume_set').body).toEqual([])
    expect(call('switch', 'explode').status).toBe(400)
    expect(call('constructor', 'name').status).toBe(400)
  })

  it('shows any state that it is told to show', () => {
    const twin = rehearse(home)
    const post = (entity_id: string, body: JsonObject) => twin.call('state.set', { path: { entity_id }, body })

    expect(post('sensor.level', { state: '3', attributes: { unit: 'dB' } })).toMatchObject({
      status: 201,
      headers: { location: '/api/states/sensor.level' },
    })
    expect(post('sensor.level', { state: '3' })).toMatchObject({ status: 200, body: { attributes: {} } })
    expect(post('sensor.level', { state: '4' })).toMatchObject({ status: 200, body: { state: '4' } })
    expect(post('level', { state: '3' }).status).toBe(400)
    expect(post('sensor.level', {}).status).toBe(400)
  })

  it('answers who it is and what it has', () => {
    const twin = rehearse(home)
    expect(twin.call('device.list').body).toHaveLength(6)
    expect(bodyOf(twin.call('config.get'))).toMatchObject({ state: 'RUNNING' })
    expect(bodyOf(twin.call('GET /api/'))).toEqual({ message: 'API running.' })
    expect(twin.call('service.list').body).toContainEqual(expect.objectContaining({ domain: 'light' }))
    expect(twin.call('device.get').status).toBe(404)
  })

  it('shows faults that its own definition reads as meant', () => {
    const codes = (['unauthorized', 'not-found', 'invalid', 'rate-limited', 'unavailable'] as const).map((kind) => {
      const { status = 200, body, headers } = home.twin.fault(kind, 'why')
      return home.errors(answer(status, body, headers))?.code
    })

    expect(codes).toEqual([
      'IF_ERR_AUTH_FAILED',
      'IF_ERR_NOT_FOUND',
      'IF_ERR_ACTION_FAILED',
      'IF_ERR_RATE_LIMIT_EXCEEDED',
      'IF_ERR_PROVIDER_UNAVAILABLE',
    ])
  })
})

describe('Home Assistant: the twin over its websocket', () => {
  function connect({ authorised = true } = {}) {
    const twin = rehearse(home)
    const sent: JsonObject[] = []
    let closed = false
    const line: TwinSocket = {
      state: twin.state,
      nextId: twin.nextId,
      now: Date.UTC(2026, 0, 2),
      send: (message) => void sent.push(message),
      close: () => {
        closed = true
      },
      session: {},
      accepts: (credential) => credential === 'good',
    }
    rehearsal?.open(line)
    if (authorised) rehearsal?.message(line, { type: 'auth', access_token: 'good' })
    return {
      sent,
      line,
      isClosed: () => closed,
      ask(message: JsonObject) {
        rehearsal?.message(line, message)
        return sent.at(-1)
      },
    }
  }

  it('asks for the token and lets in who has it', () => {
    expect(connect().sent.map(({ type }) => type)).toEqual(['auth_required', 'auth_ok'])
  })

  it.each([{ type: 'auth', access_token: 'bad' }, { type: 'auth' }, { id: 1, type: 'get_states' }])(
    'sends %j away',
    (message) => {
      const { ask, isClosed } = connect({ authorised: false })

      expect(ask(message)).toMatchObject({ type: 'auth_invalid' })
      expect(isClosed()).toBe(true)
    },
  )

  it('answers each command under its id', () => {
    const { ask } = connect()
    expect(ask({ id: 1, type: 'supported_features', features: {} })).toMatchObject({ id: 1, success: true })
    expect(ask({ id: 2, type: 'ping' })).toEqual({ id: 2, type: 'pong' })
    expect(ask({ id: 3, type: 'get_states' })).toMatchObject({ id: 3, result: { length: 6 } })
    expect(ask({ id: 4, type: 'get_config' })).toMatchObject({ result: { version: '2026.11.1' } })
    expect(ask({ id: 5, type: 'get_services' })).toMatchObject({ result: { light: {} } })
    expect(ask({ id: 6, type: 'auth/current_user' })).toMatchObject({ result: { name: 'Twin' } })
  })

  it.each([
    [{ id: 'x', type: 'ping' }, 'invalid_format'],
    [{ type: 'ping' }, 'invalid_format'],
    [{ id: 9 }, 'invalid_format'],
    [{ id: 1.5, type: 'ping' }, 'invalid_format'],
    [{ id: 0, type: 'ping' }, 'id_reuse'],
    [{ id: 9, type: 'hover' }, 'unknown_command'],
    [{ id: 9, type: 'toString' }, 'unknown_command'],
    [{ id: 9, type: 'unsubscribe_events', subscription: 3 }, 'not_found'],
    [{ id: 9, type: 'call_service', domain: 'x', service: 'y' }, 'not_found'],
  ])('refuses %j with %s', (message, code) => {
    expect(connect().ask(message as JsonObject)).toMatchObject({ success: false, error: { code } })
  })

  it('switches by call_service, with data and target', () => {
    const { ask, line } = connect()
    const target = { entity_id: 'light.studio' }
    ask({ id: 1, type: 'call_service', domain: 'light', service: 'turn_on', service_data: { brightness: 7 }, target })

    expect(line.state('states').get('light.studio')).toMatchObject({ state: 'on', attributes: { brightness: 7 } })
  })

  it('tells of changes to who listens, until it stops listening', () => {
    const { ask, line, sent } = connect()
    const after = line.state('states').get('light.stage') ?? {}
    const change = { collection: 'states', id: 'light.stage', before: undefined, after }
    ask({ id: 1, type: 'subscribe_events', event_type: 'state_changed' })
    ask({ id: 2, type: 'subscribe_events' })
    ask({ id: 3, type: 'subscribe_events', event_type: 'service_removed' })
    ask({ id: 4, type: 'subscribe_entities' })
    sent.length = 0
    rehearsal.changed?.(line, change)
    rehearsal.changed?.(line, { ...change, before: after })
    rehearsal.changed?.(line, { ...change, collection: 'else' })

    expect(sent.map(({ id }) => id)).toEqual([1, 2, 4, 1, 2, 4])
    expect(sent[0]).toMatchObject({
      event: { event_type: 'state_changed', data: { old_state: null, new_state: after } },
    })
    expect(sent[2]).toMatchObject({ event: { a: { 'light.stage': { s: 'on' } } } })
    expect(sent[5]).toMatchObject({ event: { c: { 'light.stage': { '+': { s: 'on' } } } } })

    for (const [at, subscription] of [1, 2, 4].entries()) ask({ id: 10 + at, type: 'unsubscribe_events', subscription })
    sent.length = 0
    rehearsal.changed?.(line, change)
    expect(sent).toEqual([])
  })
})

describe('Home Assistant: states, events, templates and automations', () => {
  const native = (name: string) => {
    const operation = home.native?.[name]
    if (!operation) throw new Error(`home-assistant lacks ${name}`)
    return operation
  }
  const undoOf = (name: string) => native(name).undo as (context: object) => unknown

  it('writes a state with the attributes that it is given, and takes it back by what was shown', () => {
    const input = { id: 'sensor.audience', state: '120' }
    const old = { id: 'sensor.audience', state: '80', attributes: { unit: 'people' } }

    expect(native('state.set').request(input)).toMatchObject({
      method: 'POST',
      path: { entity_id: 'sensor.audience' },
      body: { value: { state: '120' } },
    })
    expect(native('state.set').before?.(input)).toEqual({
      operation: 'device.list',
      input: { kind: 'sensor', limit: 10_000 },
    })
    expect(undoOf('state.set')({ input, before: { devices: [old] } })).toEqual({
      operation: 'home-assistant:state.set',
      input: old,
    })
    expect(undoOf('state.set')({ input, before: { devices: [] } })).toEqual({
      operation: 'home-assistant:state.delete',
      input: { id: 'sensor.audience' },
    })
    expect(undoOf('state.set')({ input, before: undefined })).toBeUndefined()
    expect(undoOf('state.delete')({ input, before: old })).toEqual({
      operation: 'home-assistant:state.set',
      input: old,
    })
    expect(undoOf('state.delete')({ input, before: undefined })).toBeUndefined()
  })

  it('reads back what is shown', () => {
    const check = native('state.set').verify?.({ input: { id: 'sensor.a', state: '1' }, result: undefined })

    expect([check?.holds({ state: '1' }), check?.holds({ state: '2' })]).toEqual([true, false])
    expect(check?.consistency).toBe('eventual')
  })

  it.each(['light', 'light.a,light.b', 'light.a/../../config', 'LIGHT.A', ''])('refuses the entity %j', (id) => {
    expect(native('state.set').input.safeParse({ id, state: 'on' }).success).toBe(false)
    expect(native('history.get').input.safeParse({ ids: [id], from: '2026-05-30T00:00:00Z' }).success).toBe(false)
    expect(native('automation.enable').input.safeParse({ id }).success).toBe(false)
  })

  it('turns an automation back only where it was the other way', () => {
    const input = { id: 'automation.show_open' }

    expect(undoOf('automation.disable')({ input, before: { state: 'on' } })).toEqual({
      operation: 'home-assistant:automation.enable',
      input,
    })
    expect(undoOf('automation.disable')({ input, before: { state: 'off' } })).toBeUndefined()
    expect(undoOf('automation.enable')({ input, before: { state: 'unavailable' } })).toBeUndefined()
    const check = native('automation.disable').verify?.({ input, result: undefined })
    expect([check?.holds({ state: 'off' }), check?.holds({ state: 'on' })]).toEqual([true, false])
  })

  it('asks for all changes of a time only where told to', () => {
    const input = { ids: ['light.studio', 'light.stage'], from: '2026-05-30T00:00:00Z' }

    expect(native('history.get').request(input)).toMatchObject({
      path: { timestamp: '2026-05-30T00:00:00Z' },
      query: { filter_entity_id: 'light.studio,light.stage', no_attributes: '' },
    })
    expect(native('history.get').request(input).query.significant_changes_only).toBeUndefined()
    expect(native('history.get').request({ ...input, all: true }).query.significant_changes_only).toBe('0')
    expect(native('history.get').result([[]], { input, headers: {} })).toEqual({ entities: [] })
  })

  it('fires events of plain names with an object as their data', () => {
    const { input, request } = native('event.fire')

    expect(request({ type: 'show_opened' })).toMatchObject({ body: { value: {} } })
    expect(input.safeParse({ type: '../services/x' }).success).toBe(false)
  })

  it('reads the text of a template as it is', () => {
    expect(native('template.render').request({ template: 'x' })).toMatchObject({ answer: 'text' })
    expect(native('template.render').result('5', { input: {}, headers: {} })).toEqual({ text: '5' })
  })

  it('rehearses them', () => {
    const twin = rehearse(home)
    const path = { entity_id: 'sensor.new' }

    expect(twin.call('state.set', { path, body: { state: '1' } }).status).toBe(201)
    expect(twin.call('state.delete', { path }).status).toBe(200)
    expect(twin.call('state.delete', { path }).status).toBe(404)
    const query = { filter_entity_id: 'light.studio,light.none', no_attributes: '' }
    const history = twin.call('history.get', { path: { timestamp: '2026-05-30T00:00:00Z' }, query })
    expect(history.body).toMatchObject([[{ entity_id: 'light.studio', attributes: {} }]])
    expect(twin.call('history.get', { path: { timestamp: 'yesterday' }, query }).status).toBe(400)
    expect(twin.call('event.fire', { path: { event_type: 'x' } }).body).toEqual({ message: 'Event x fired.' })
    const render = (template: string) => twin.call('template.render', { body: { template } })
    expect(render("It is {{ states('switch.on_air') }}.").body).toBe('It is off.')
    expect(render('{% for x in y %}').status).toBe(400)
  })
})
