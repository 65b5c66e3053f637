// Credentials in every place in which a vendor may want one, before a vendor that repeats them in every form: whatever is
// returned, thrown, recorded, logged, traced or kept is searched for them afterwards.
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCoordinator } from '../../../src/coordinator/index.ts'
import { actAs } from '../../../src/fabric/acting.ts'
import { composeHome } from '../../../src/fabric/compose.ts'
import { fabricOf } from '../../../src/fabric/face.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import { layered } from '../../../src/fabric/layered.ts'
import { createLogger, Redactor, systemClock } from '../../../src/foundation/index.ts'
import { openTwin } from '../../../src/twin/index.ts'
import { type Canary, canary, filesBelow } from '../../support/canary.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { loadParrot, type ParrotSecret, PLACES } from './parrot.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
/** Its middle line, which no other text has. */
const pemCore = pem.split('\n')[1] ?? ''

const given = {
  PATH_TOKEN: canary('123:', '-_'),
  QUERY_KEY: canary('q+', '/= &'),
  HEADER_KEY: canary('h.'),
  BODY_PIN: canary('"\\', 'ü<>'),
  USER: canary('u-'),
  PASSWORD: canary('p:', '"'),
  CLIENT_ID: canary('id-'),
  CLIENT_SECRET: canary('cs&', '%'),
  HMAC_KEY: canary('hm-'),
  JWS_KID: canary('kid-'),
} satisfies Partial<Record<ParrotSecret, Canary>>
const issued = { access: canary('at.'), refresh: canary('rt.') }
const birds: [string, Canary][] = [
  ...Object.entries(given),
  ...Object.entries(issued),
  ['JWS_KEY', { value: pem, showsIn: (bytes) => (String(bytes).includes(pemCore) ? ['raw'] : []) }],
]

/** How the vendor repeats what came. */
const FORMS: Record<string, (dump: string, response: ServerResponse) => void> = {
  raw: (dump, response) => json(response, 400, { error: dump }),
  base64: (dump, response) => json(response, 400, { error: Buffer.from(dump).toString('base64') }),
  percent: (dump, response) => json(response, 400, { error: encodeURIComponent(dump) }),
  nested: (dump, response) => json(response, 400, { error: JSON.stringify(JSON.stringify({ dump })) }),
  success: (dump, response) => json(response, 200, { dump, lines: dump.split('\n') }),
  header: (dump, response) => {
    response.setHeader('x-request-id', encodeURI(dump.replaceAll('\n', ' ')))
    json(response, 400, { error: 'see the headers' })
  },
  html: (dump, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<p>${dump}</p>`)
  },
  redirect: (dump, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:1/?${encodeURIComponent(dump)}` })
    response.end()
  },
  cut: (dump, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000_000 })
    response.write(dump, () => response.destroy())
  },
}

let folder: TemporaryFolder
let fabric: Fabric
let files: { path: string; bytes: Buffer }[]
let twinLog = ''
/** All that came back, by what was asked. */
const said = new Map<string, string>()
/** What the vendor was sent. */
let received = ''

beforeAll(async () => {
  folder = await temporaryFolder('places')
  const vendor = await serve(FORMS, (response) =>
    json(response, 200, {
      access_token: issued.access.value,
      refresh_token: issued.refresh.value,
      token_type: 'Bearer',
      expires_in: 3600,
    }),
  )
  // Another that gives no token and repeats the credentials instead.
  const meanForms = Object.keys(FORMS).values()
  const mean = await serve(FORMS, (response, dump) => {
    const { value: form } = meanForms.next()
    if (form === undefined) json(response, 400, { error: 'invalid_client', error_description: dump })
    else FORMS[form]?.(dump, response)
  })
  fabric = await openFabricWith(folder.path)
  // One each, as the breaker of one that fails so often opens.
  for (const place of PLACES) await addParrot(place, vendor.host)
  await addParrot('mean', mean.host)
  await Promise.all(PLACES.map(everyForm))
  for (const form of [...Object.keys(FORMS), 'refused']) {
    await say(`mean ${form}`, () => act('mean', 'oauth.say', form))
  }
  await say('history', history)
  await fabric.close()
  await Promise.all([vendor.close(), mean.close()])
  twinLog = await meetTwin()
  files = await filesBelow(folder.path)
}, 120_000)

afterAll(() => folder.remove())

async function everyForm(place: string): Promise<void> {
  for (const form of Object.keys(FORMS)) await say(`${place} ${form}`, () => act(place, `${place}.say`, form))
  for (const form of ['raw', 'success']) await say(`${place} sung ${form}`, () => sing(place, form))
}

async function act(instance: string, operation: string, form: string): Promise<unknown> {
  const plan = await fabric.plan({ instance, operation: `parrot:${operation}`, input: { form } })
  return { plan, run: await fabric.apply(plan) }
}

async function sing(place: string, form: string): Promise<unknown> {
  const stream = fabric.stream({ instance: place, operation: `parrot:${place}.sing`, input: { form } })
  const pieces: unknown[] = []
  for await (const piece of stream) pieces.push(piece)
  return { pieces, run: await stream.run }
}

async function history(): Promise<unknown> {
  const entries: unknown[] = []
  for await (const entry of fabric.witnessEntries()) entries.push(entry)
  return { entries, trace: fabric.trace, runs: await fabric.runs() }
}

async function say(what: string, does: () => Promise<unknown>): Promise<void> {
  const found = await does().catch((thrown: unknown) => ({ thrown, shown: JSON.stringify(thrown) }))
  said.set(what, inspect(found, { depth: 20, maxStringLength: null, maxArrayLength: null, breakLength: 200 }))
}

/** A call log of a twin that is sent the credentials where no route wants them, too. */
async function meetTwin(): Promise<string> {
  const secrets = Object.fromEntries(Object.entries(given).map(([name, { value }]) => [name, value]))
  const twin = await openTwin({ provider: loadParrot(), secrets })
  const { PATH_TOKEN, BODY_PIN } = given
  await fetch(`${twin.url}/bot${encodeURIComponent(PATH_TOKEN.value)}/say/raw`, { method: 'POST', body: '{}' })
  await fetch(`${twin.url}/nowhere/${encodeURIComponent(PATH_TOKEN.value)}`)
  await fetch(`${twin.url}/say/raw`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pin: BODY_PIN.value }),
  })
  const log = JSON.stringify(twin.calls.log)
  await twin.close()
  return log
}

async function addParrot(name: string, host: string): Promise<void> {
  const values = Object.entries({ ...given, JWS_KEY: { value: pem } }).map(([key, { value }]) => [
    key,
    { kind: 'value' as const, value },
  ])
  await fabric.addInstance({
    provider: 'parrot',
    name,
    settings: { host },
    privateNetwork: true,
    secrets: Object.fromEntries(values),
  })
}

async function openFabricWith(home: string): Promise<Fabric> {
  let log = ''
  const logger = createLogger({
    level: 'debug',
    clock: systemClock,
    redactor: new Redactor(),
    write(line) {
      log += line
      said.set('log', log)
    },
  })
  const parts = await composeHome({ home, env: {}, logger })
  const coordinator = await openCoordinator({ store: parts.store })
  const parrot = loadParrot()
  const has = async (id: string) => id === 'parrot'
  const catalogue = { ...parts.catalogue, ids: async () => ['parrot'], has, load: async () => parrot }
  const acting = actAs(parts, { actor: 'if://person/ana', session: 'places', trace: true })
  return fabricOf(layered(acting, { catalogue, providerOf: async () => parrot }), {
    coordinator: async () => coordinator,
    escalations: () => Promise.reject(new Error('no escalations here')),
    async end() {
      await coordinator.close()
      await parts.close()
    },
  })
}

async function serve(forms: typeof FORMS, token: (response: ServerResponse, dump: string) => void) {
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await request.toArray()).join('')
    const dump = [decodeURIComponent(request.url ?? ''), ...request.rawHeaders, decoded(body)].join('\n')
    received += `${dump}\n`
    if (request.url === '/token') return token(response, dump)
    const form = request.url?.split('?')[0]?.split('/').at(-1) ?? ''
    if (!request.url?.startsWith('/stream') || form === 'raw') return forms[form]?.(dump, response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const character of `data: ${JSON.stringify(dump)}\n\n`) response.write(character)
    response.end()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    host: `127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** A form as it was meant; anything else as it came. */
const decoded = (body: string): string => {
  const pin = new URLSearchParams(body)
  return `${body}\n${[...pin.values()].join('\n')}`
}

describe('a vendor that repeats every credential it is sent', () => {
  it('was sent each of them but the keys that only sign, and what must not fail did not', () => {
    const keys = ['HMAC_KEY', 'JWS_KEY', 'refresh']
    const plain = Buffer.from(received)
    const unsent = birds.filter(([, bird]) => bird.showsIn(plain).length === 0).map(([name]) => name)
    const encoded = [...received.matchAll(/Basic (\S+)/g)].map(([, text = '']) =>
      Buffer.from(text, 'base64').toString(),
    )
    const inJws = [...received.matchAll(/^(eyJ[\w-]+)\.\./gm)].map(([, text = '']) => Buffer.from(text, 'base64url'))

    expect(unsent.filter((name) => !['USER', 'PASSWORD', 'JWS_KID'].includes(name)).sort()).toEqual(keys.sort())
    expect(given.PASSWORD.showsIn(encoded.join())).toContain('raw')
    expect(given.JWS_KID.showsIn(inJws.join())).toContain('raw')
    for (const place of PLACES) {
      expect(said.get(`${place} success`), place).toContain("state: 'done'")
      expect(said.get(`${place} sung success`), place).toContain("state: 'done'")
    }
    expect(said.get('mean refused')).toContain('invalid_client')
    expect(twinLog).toContain('/nowhere/')
  })

  it.each(birds)('%s shows in nothing that was said', (_, bird) => {
    const told = [...said].flatMap(([what, text]) => bird.showsIn(text).map((form) => `${form}: ${what}`))

    expect(told).toEqual([])
  })

  it.each(birds)('%s shows in no file of the home and in no call log of a twin', (_, bird) => {
    expect(files.flatMap(({ path, bytes }) => bird.showsIn(bytes).map((form) => `${form}: ${path}`))).toEqual([])
    expect(bird.showsIn(twinLog)).toEqual([])
  })
})
