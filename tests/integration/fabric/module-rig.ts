// A home with a mail server of its own on loopback, and modules built for it in the real sandbox: an adapter to the
// server, and agents that call it. The server tells back what it was sent, headers and all, as a careless one would.
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buildModule, manifestOf, openChassis, ownKey, quickJsModule } from '../../../src/chassis/index.ts'
import { type Fabric, type ModuleFile, openFabric } from '../../../src/fabric/index.ts'
import { silentLogger, systemClock } from '../../../src/foundation/index.ts'
import { temporaryFolder } from '../../support/temporary.ts'

export const TOKEN = ['acme', 'q7w3e9r1t5y2u8'].join('_')

const ADAPTER = (version: string) => `
export const describe = () => ({
  kind: 'adapter', id: 'acme-mail', name: 'Acme Mail', version: '${version}', category: 'chat',
  docs: 'https://docs.acme.example', baseUrls: { main: 'http://{host}' },
  settings: { host: { description: 'host and port', pattern: '^[a-z0-9.:]+$' } },
  secrets: { ACME_TOKEN: { label: 'token', get: 'https://acme.example' } },
  auth: { scheme: 'bearer', secret: 'ACME_TOKEN' },
  health: { operation: 'inbox.count', input: {} },
  operations: {
    'message.send': {
      summary: 'Sends a mail.', effect: 'send', undo: { operation: 'message.recall' },
      examples: [{ input: { to: 'a@example.com', text: 'x' }, response: { id: 'm1', to: 'a@example.com', at: '2026-01-01T00:00:00Z' } }],
    },
    'message.recall': {
      summary: 'Recalls.', effect: 'delete', input: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      output: { type: 'object', properties: {} }, examples: [{ input: { id: 'm1' }, response: {} }],
    },
    'inbox.count': {
      summary: 'Counts.', effect: 'read', labels: { sends: 'none' }, input: { type: 'object', properties: {} },
      output: { type: 'object', properties: { count: { type: 'integer' }, seen: {} }, required: ['count'] },
      examples: [{ input: {}, response: { count: 1, seen: '' } }],
    },
  },
})
export const plan = ({ operation, input, undo }) => {
  if (undo) return { undo: { operation: 'message.recall', input: { id: undo.result.id } } }
  if (operation === 'message.send') {
    return { request: { method: 'POST', path: '/v1/mails', json: { ...input, nonce: Math.random(), at: Date.now() } } }
  }
  if (operation === 'message.recall') return { request: { method: 'DELETE', path: '/v1/mails/{id}', params: { id: input.id } } }
  return { request: { method: 'GET', path: '/v1/inbox' } }
}
export const apply = ({ operation, response: { body } }) => {
  if (operation === 'message.send') return { result: { id: body.id, to: body.to, sentAt: body.at } }
  if (operation === 'message.recall') return { result: {} }
  return { result: { count: body.count, seen: JSON.stringify(body) } }
}
export const health = ({ result }) => ({ tell: result.count + ' mails' })
`

export interface MailHome {
  fabric: Fabric
  home: string
  /** Of the server, as the setting has it. */
  host: string
  /** Requests that the server got: `POST /v1/mails`. */
  requests: { line: string; body: string }[]
  /** A module of this source, signed by the operator's own key. */
  build(name: string, source: string): Promise<ModuleFile>
  adapter(version?: string): Promise<ModuleFile>
  /** Opens the same home again, as somebody. */
  as(actor: string): Promise<Fabric>
  close(): Promise<void>
}

export async function openMailHome(): Promise<MailHome> {
  const folder = await temporaryFolder('modules')
  const home = join(folder.path, 'home')
  const requests: { line: string; body: string }[] = []
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    requests.push({ line: `${request.method} ${request.url}`, body })
    const count = requests.length
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        id: `m${count}`,
        to: 'a@example.com',
        at: '2026-01-01T00:00:00Z',
        count,
        headers: request.headers,
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const opened = new Set<Fabric>()
  const open = async (actor?: string): Promise<Fabric> => {
    const fabric = await openFabric({ home, env: {}, logLevel: 'error', project: 'none', ...(actor ? { actor } : {}) })
    opened.add(fabric)
    return fabric
  }
  const fabric = await open('if://person/ana')
  const chassis = await openChassis({ clock: systemClock, logger: silentLogger, quickJs: quickJsModule, workers: 1 })
  const { pem } = await ownKey(home)

  async function build(name: string, source: string): Promise<ModuleFile> {
    const place = join(folder.path, name)
    await mkdir(place, { recursive: true })
    await writeFile(join(place, 'module.ts'), source)
    const { bytes } = await buildModule({ input: join(place, 'module.ts'), key: pem, chassis, manifestOf })
    return { name: `${name}.ifwasm`, base64: Buffer.from(bytes).toString('base64') }
  }

  return {
    fabric,
    home,
    host: `127.0.0.1:${port}`,
    requests,
    build,
    adapter: (version = '1.0.0') => build(`adapter-${version}`, ADAPTER(version)),
    as: open,
    async close() {
      for (const each of opened) await each.close()
      await chassis.close()
      server.close()
      server.closeAllConnections()
      await folder.remove()
    },
  }

  async function textOf(request: IncomingMessage): Promise<string> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    return text
  }
}

/** Loads the adapter and adds an instance `mail` of it at the server. */
export async function withMail(mail: MailHome): Promise<void> {
  await mail.fabric.loadModule(await mail.adapter())
  await mail.fabric.addInstance({
    provider: 'acme-mail',
    name: 'mail',
    settings: { host: mail.host },
    secrets: { ACME_TOKEN: { kind: 'value', value: TOKEN } },
    privateNetwork: true,
  })
}
