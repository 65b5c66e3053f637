import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failureOf, get, listen, openTestDoor, optionsFor } from './rig.ts'

let folder = ''
let key = ''
let cert = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-tls-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    // One line of arguments as one would type it.
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=good.example -addext subjectAltName=DNS:good.example -keyout ${keyFile} -out ${certFile}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  key = readFileSync(keyFile, 'utf8')
  cert = readFileSync(certFile, 'utf8')
})

afterAll(() => rmSync(folder, { recursive: true }))

const resolve = async () => [{ address: '127.0.0.1', family: 4 }]

async function serveTls() {
  const names: unknown[] = []
  const server = createServer({ key, cert }, (request, response) => {
    names.push((request.socket as TLSSocket & { servername?: string }).servername)
    response.end('secure')
  })
  const origin = await listen(server, 'https')
  return { names, at: (name: string) => origin.replace('127.0.0.1', name) }
}

describe('TLS', () => {
  it('accepts a named certificate authority and asks for the host by its name', async () => {
    const { door } = openTestDoor({ connect: { ca: cert, resolve } })
    const { at, names } = await serveTls()
    const origin = at('good.example')

    const { response } = await door.send(get(origin), optionsFor(origin))

    expect(response.text).toBe('secure')
    expect(names).toEqual(['good.example'])
  })

  it.each([
    ['by an unknown authority', 'good.example', false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['for another host', 'other.example', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('refuses a certificate %s, and nothing leaves', async (_what, name, trusted, cause) => {
    const { door } = openTestDoor({ connect: { resolve, ...(trusted ? { ca: cert } : {}) } })
    const { at, names } = await serveTls()
    const origin = at(name)

    const failure = await failureOf(
      door.send(get(origin), optionsFor(origin, { retry: { attempts: 3, backoffSeconds: [1], repeatable: true } })),
    )

    expect(failure).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      retryable: false,
      details: { departure: 'nothing-left', cause, attempts: [{}] },
    })
    expect(names).toEqual([])
  })

  it('opens websockets under the same rules', async () => {
    const { door } = openTestDoor({ connect: { resolve } })
    const { at } = await serveTls()
    const origin = at('good.example')

    const failure = await failureOf(
      door.connect({ url: `${origin.replace('https', 'wss')}/v1/items`, headers: {}, slots: [] }, optionsFor(origin)),
    )

    expect(failure).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      details: { departure: 'nothing-left', cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
  })
})
