// What Home Assistant shows of entities: states written, removed, read all at once and read back in time. None of it moves a
// device. Writing and removing want a token of an administrator.
import {
  command,
  del,
  get,
  type JsonObject,
  native,
  type OperationCall,
  post,
  readAs,
  utcTime,
  z,
} from '../../../adapter/index.ts'
import { domainOf, knownEntity, stateAnswer, statesAnswer, toDevice } from './shapes.ts'
import { SOCKET_PATH } from './socket.ts'

const PATH = '/api/states/{entity_id}'
const SHOWN = {
  entity_id: 'sensor.audience',
  state: '120',
  attributes: { friendly_name: 'Audience', unit_of_measurement: 'people' },
  last_changed: '2026-05-30T21:43:32.418320+00:00',
  last_updated: '2026-05-30T21:43:32.418320+00:00',
}

const attributes = z.record(z.string(), z.json())
const known = z.object({ id: z.string(), state: z.string(), attributes })
const shown = z.object({ devices: z.array(known) })

const device = z.object({
  id: z.string(),
  state: z.string(),
  name: z.string().nullable(),
  attributes,
  changedAt: z.iso.datetime().nullable(),
})

const showAgain = ({ id, state, attributes: own }: z.output<typeof known>): OperationCall => ({
  operation: 'home-assistant:state.set',
  input: { id, state, attributes: own },
})

/** What was shown before comes back; what was not shown goes. Undefined where it was not read. */
function undoOfSet(id: string, before: JsonObject | undefined): OperationCall | undefined {
  const devices = shown.safeParse(before).data?.devices
  if (!devices) return undefined
  const old = devices.find((one) => one.id === id)
  return old ? showAgain(old) : { operation: 'home-assistant:state.delete', input: { id } }
}

const period = z.array(z.array(z.object({ entity_id: z.string(), state: z.string(), last_changed: utcTime })))

export const states = {
  'state.set': native({
    summary: 'Write what is shown of an entity, or make a new one; no device moves.',
    effect: 'update',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'administrator',
    idempotent: true,
    input: z.strictObject({
      id: knownEntity,
      state: z.string().max(255),
      attributes: attributes.optional().describe('All of them; those that are left out go.'),
    }),
    output: z.object({ id: z.string(), state: z.string() }),
    request: ({ id, state, attributes: own }) =>
      post(PATH, { path: { entity_id: id }, json: { state, attributes: own } }),
    result: (body) => {
      const { entity_id, state } = readAs(stateAnswer, body)
      return { id: entity_id, state }
    },
    cost: 'free',
    // All of its kind: asking for one that does not exist would fail.
    before: ({ id }) => ({ operation: 'device.list', input: { kind: domainOf(id) ?? '', limit: 10_000 } }),
    undo: ({ input, before }) => undoOfSet(input.id, before),
    undoLabel: 'home-assistant:state.set to what was shown, state.delete of a new one',
    verify: ({ input }) => ({
      operation: 'device.get',
      input: { id: input.id },
      holds: (read) => read.state === input.state,
      // An integration may write its own state right after.
      consistency: 'eventual',
    }),
    examples: [
      {
        input: { id: 'sensor.audience', state: '120', attributes: { friendly_name: 'Audience' } },
        status: 201,
        response: SHOWN,
      },
    ],
  }),
  'state.delete': native({
    summary: 'Show an entity no more, until its integration writes it again.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'administrator',
    input: z.strictObject({ id: knownEntity }),
    output: z.object({ id: z.string() }),
    request: ({ id }) => del(PATH, { path: { entity_id: id } }),
    result: (_body, { input }) => ({ id: input.id }),
    cost: 'free',
    before: ({ id }) => ({ operation: 'device.get', input: { id } }),
    undo: ({ before }) => {
      const old = known.safeParse(before).data
      return old && showAgain(old)
    },
    undoLabel: 'home-assistant:state.set to what was shown',
    // homeassistant/components/api/__init__.py: APIEntityStateView.delete
    examples: [{ input: { id: 'sensor.audience' }, response: { message: 'Entity removed.' } }],
  }),
  'state.snapshot': native({
    summary: 'Read all states at once, over the websocket.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({ devices: z.array(device) }),
    request: () => command(SOCKET_PATH, { type: 'get_states' }),
    result: (body) => ({ devices: readAs(statesAnswer, body).map(toDevice) }),
    cost: 'free',
    examples: [{ input: {}, response: [SHOWN] }],
  }),
  'history.get': native({
    summary: 'Read how states changed over a time.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({
      ids: z.array(knownEntity).min(1).max(100),
      from: z.iso.datetime().describe('RFC 3339, UTC.'),
      until: z.iso.datetime().optional().describe('Default: a day after from.'),
      all: z.boolean().optional().describe('Changes that Home Assistant takes for insignificant too.'),
    }),
    output: z.object({
      entities: z.array(
        z.object({
          id: z.string(),
          states: z.array(z.object({ state: z.string(), changedAt: z.iso.datetime() })),
        }),
      ),
    }),
    request: ({ ids, from, until, all }) =>
      get('/api/history/period/{timestamp}', {
        path: { timestamp: from },
        query: {
          filter_entity_id: ids.join(','),
          end_time: until,
          no_attributes: '',
          // "0" is how it is switched off (homeassistant/components/history/__init__.py).
          significant_changes_only: all ? '0' : undefined,
        },
      }),
    result: (body) => ({
      entities: readAs(period, body).flatMap((changes) => {
        const [first] = changes
        if (!first) return []
        return [
          {
            id: first.entity_id,
            states: changes.map(({ state, last_changed }) => ({ state, changedAt: last_changed })),
          },
        ]
      }),
    }),
    cost: 'free',
    examples: [
      {
        input: { ids: ['light.studio'], from: '2026-05-30T00:00:00Z', until: '2026-05-31T00:00:00Z', all: true },
        response: [
          [
            {
              ...SHOWN,
              entity_id: 'light.studio',
              state: 'off',
              attributes: {},
              last_changed: '2026-05-30T00:00:00+00:00',
            },
            { ...SHOWN, entity_id: 'light.studio', state: 'on', attributes: {} },
          ],
        ],
      },
    ],
  }),
}
