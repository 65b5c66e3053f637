// The engine itself in front of the twins of Discord and Qdrant, through the real door: what no client of a vendor shows.
import { afterEach, describe, expect, it } from 'vitest'
import {
  generateManifest,
  instanceSchema,
  type JsonObject,
  manifestDigest,
  operationOf,
  type ProviderDefinition,
  parseInput,
  perform,
} from '../../../src/adapter/index.ts'
import { openDoor } from '../../../src/egress/index.ts'
import { Redactor, Secret, systemClock } from '../../../src/foundation/index.ts'
import discord from '../../../src/providers/chat/discord/index.ts'
import { TWIN_WEBHOOK } from '../../../src/providers/chat/discord/twin-places.ts'
import qdrant from '../../../src/providers/vector/qdrant/index.ts'
import { openTwin, parseFault } from '../../../src/twin/index.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** An instance of the provider whose twin answers. */
async function instanceOf(definition: ProviderDefinition) {
  const twin = await openTwin({ provider: definition })
  const door = openDoor({ redactor: new Redactor(), clock: systemClock, random: () => 0 })
  closing.push(
    () => twin.close(),
    () => door.close(),
  )
  const manifest = generateManifest(definition, 'tests')
  const provider = { definition, manifest, digest: manifestDigest(manifest), signedBy: 'test' }
  const instance = instanceSchema.parse({ version: 1, name: definition.id, provider: definition.id, twin: twin.url })
  const call = async (operation: string, raw: JsonObject, idempotencyKey?: string) => {
    const entry = operationOf(provider, operation)
    const secrets = { open: async (name: string) => new Secret(twin.secrets[name] ?? '') }
    const performed = await perform({
      provider,
      instance,
      entry,
      input: parseInput(entry, raw),
      door,
      secrets,
      timeoutMs: 10_000,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    })
    return performed
  }
  return { twin, call }
}

const CHANNEL = '1100000000000000014'

describe('the engine with the twin of Discord', () => {
  it('sends a message once, however often the connection is cut', async () => {
    const { twin, call } = await instanceOf(discord)
    twin.setFaults([parseFault('message.send:drop-after@0.5')])

    for (const key of ['a', 'b', 'c', 'd']) {
      await call('message.send', { to: CHANNEL, text: key }, key.repeat(64)).catch(() => undefined)
    }

    twin.setFaults([])
    const { result } = await call('message.list', { to: CHANNEL })
    const texts = (result.messages as { text: string }[]).map(({ text }) => text)
    expect(texts).toEqual([...new Set(texts)])
    expect(texts.length).toBeGreaterThan(0)
  })

  it('reads more messages than a page holds, down to a given one, and tells the pace that Discord wants', async () => {
    const { call } = await instanceOf(discord)
    const ids: string[] = []
    for (let count = 0; count < 105; count += 1) {
      ids.push(
        String(
          (await call('message.send', { to: CHANNEL, text: `${count}` }, `${count}`.padStart(64, '0').slice(-25)))
            .result.id,
        ),
      )
    }

    const { result, rate } = await call('message.list', {
      to: CHANNEL,
      limit: 500,
      before: ids[103] ?? '',
      after: ids[1] ?? '',
    })

    const read = (result.messages as { id: string }[]).map(({ id }) => id)
    expect(read).toEqual(ids.slice(2, 104).reverse())
    expect(rate).toEqual({ remaining: 4, resetMs: 250 })
  })

  it('posts through a webhook by the token in its path, and lists every channel of every server', async () => {
    const { twin, call } = await instanceOf(discord)

    const { result } = await call('discord:webhook.post', { webhook: TWIN_WEBHOOK, text: 'Five minutes.' })
    const { result: listed } = await call('channel.list', {})

    expect(result).toMatchObject({ to: CHANNEL })
    expect((listed.channels as { name: string }[]).map(({ name }) => name)).toEqual([
      'general',
      'launch',
      'refunds',
      'studio',
    ])
    expect(JSON.stringify(twin.calls.log)).not.toContain(twin.secrets.DISCORD_WEBHOOK_TOKEN)
  })

  it('uploads a file and reacts with an emoji', async () => {
    const { call } = await instanceOf(discord)
    const file = { name: 'order "1".txt', text: 'Doors, show' }

    const { result } = await call('file.upload', { to: CHANNEL, file, text: 'Tonight:' })
    await call('message.react', { to: CHANNEL, id: String(result.id), emoji: '🎉' })
    const { result: read } = await call('discord:message.get', { to: CHANNEL, id: String(result.id) })

    expect(read).toMatchObject({ text: 'Tonight:', files: [{ url: expect.stringContaining('cdn.discordapp.com') }] })
  })
})

describe('the engine with the twin of Qdrant', () => {
  const ids = ['18446744073709551615', '9007199254740993', '5c56c793-69f3-4fbf-87e6-c4bf54c28c26', '1']
  const points = ids.map((id, at) => ({ id, vector: [1, at], fields: { at } }))

  it('keeps ids of 64 bits exact, there and back', async () => {
    const { call } = await instanceOf(qdrant)
    await call('collection.create', { name: 'c', dimension: 2, metric: 'dot' })

    expect((await call('vector.upsert', { collection: 'c', points })).result).toEqual({ count: 4 })
    const { result: read } = await call('vector.get', { collection: 'c', ids })
    const { result: walked } = await call('qdrant:point.scroll', { collection: 'c', limit: 10 })
    const { result: found } = await call('vector.query', { collection: 'c', vector: [0, 1], limit: 1 })
    await call('vector.delete', { collection: 'c', ids: ['18446744073709551615'] })

    const idsOf = (list: unknown) => (list as { id: string }[]).map(({ id }) => id)
    expect(idsOf(read.points).sort()).toEqual([...ids].sort())
    expect(idsOf(walked.points)).toEqual(['1', ids[1], ids[0], ids[2]])
    expect(found.matches).toMatchObject([{ id: '1', score: 3 }])
    expect((await call('qdrant:point.count', { collection: 'c' })).result).toEqual({ count: 3 })
  })

  it('takes a write back as its undo says', async () => {
    const { call } = await instanceOf(qdrant)
    await call('collection.create', { name: 'c', dimension: 2, metric: 'dot' })
    await call('vector.upsert', { collection: 'c', points: [{ id: '1', vector: [5, 5], fields: { old: true } }] })
    const input = { collection: 'c', points }
    const upsert = qdrant.operations['vector.upsert']
    const look = upsert?.before?.(input)
    const before = look && (await call(look.operation, look.input)).result
    const { result } = await call('vector.upsert', input)

    const undo =
      typeof upsert?.undo === 'function'
        ? upsert.undo({ input, result: result as { count: number }, before })
        : undefined
    if (undo) await call(undo.operation, undo.input)

    expect((await call('qdrant:point.scroll', { collection: 'c', vectors: true })).result).toEqual({
      points: [{ id: '1', vector: [5, 5], fields: { old: true } }],
    })
  })

  it('asks for its health in plain text, and says what is wrong with a collection', async () => {
    const { call } = await instanceOf(qdrant)

    expect((await call('qdrant:server.check', {})).result).toEqual({ text: 'healthz check passed' })
    await expect(call('vector.get', { collection: 'none', ids: ['1'] })).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
    })
  })
})
