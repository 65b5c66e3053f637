// ifab provider connect: what it shows, what it waits for, where it refuses.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openLoopbackRedirect } from '../../../src/cli/input/loopback-redirect.ts'
import type { ConnectInstance, Fabric } from '../../../src/fabric/index.ts'
import { failureOf } from '../vault/rig.ts'
import { fakeFabric } from './fake-fabric.ts'
import { startCli } from './run-cli.ts'

const CONNECTED = { instance: 'shop', scopes: ['payments', 'offline_access'], expiresAt: null, renews: true }
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const connecting = (connectInstance: Fabric['connectInstance']) => ({
  terminal: true,
  openFabric: async () => fakeFabric({ connectInstance }),
})

/** Waits until it is true; the test's own limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('ifab provider connect', () => {
  it('shows the page, takes the code that comes back with its state, and says what was consented to', async () => {
    let answered: unknown
    const cli = startCli(
      ['provider', 'connect', 'shop'],
      connecting(async (_name, { ask, redirectUri = '' }: ConnectInstance) => {
        answered = await ask({
          kind: 'code',
          url: `https://x.example/?to=${redirectUri}`,
          state: 'st',
          scopes: ['payments'],
        })
        return CONNECTED
      }),
    )
    await until(() => cli.stderr().includes('Waiting at'))
    const uri = /Waiting at (\S+)/.exec(cli.stderr())?.[1] ?? ''
    const page = await fetch(`${uri}?code=the-code&state=st`)

    expect(await cli.code).toBe(0)
    expect(answered).toEqual({ code: 'the-code', state: 'st' })
    expect(await page.text()).toContain('goes on in the terminal')
    expect(cli.stdout()).toContain('connected shop · may payments, offline_access · renewed by itself')
    expect(cli.stdout() + cli.stderr()).not.toContain('the-code')
  })

  it('shows the code of a device', async () => {
    const cli = startCli(
      ['provider', 'connect', 'shop', '--device'],
      connecting(async (_name, { ask, flow }) => {
        expect(flow).toBe('device')
        await ask({
          kind: 'device',
          userCode: 'WDJB-MJHT',
          verificationUri: 'https://x.example/device',
          expiresAt: '2026-11-25T12:00:00.000Z',
          scopes: [],
        })
        return { ...CONNECTED, scopes: [], renews: false }
      }),
    )

    expect(await cli.code).toBe(0)
    expect(cli.stderr()).toContain('https://x.example/device')
    expect(cli.stderr()).toContain('WDJB-MJHT')
    expect(cli.stdout()).toContain('until the provider refuses it')
  })

  it.each([['--no-input'], ['--json']])('refuses %s, where nobody would see the page', async (flag) => {
    const cli = startCli(
      ['provider', 'connect', 'shop', flag],
      connecting(async () => CONNECTED),
    )

    expect(await cli.code).toBe(2)
    expect(cli.stderr()).toContain('connected by a person')
  })

  it('refuses a port that is none, and one that is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => server.close())
    const { port } = server.address() as AddressInfo
    for (const [text, code] of [
      ['70000', 2],
      ['x', 2],
      [String(port), 6],
    ] as const) {
      const cli = startCli(
        ['provider', 'connect', 'shop', '--port', text],
        connecting(async () => CONNECTED),
      )
      expect(await cli.code).toBe(code)
    }
  })

  it('ends as 130 at Ctrl-C', async () => {
    const cli = startCli(
      ['provider', 'connect', 'shop'],
      connecting(async (_name, { ask }) => {
        await ask({ kind: 'code', url: 'https://x.example', state: 'st', scopes: [] })
        return CONNECTED
      }),
    )
    await until(() => cli.stderr().includes('Waiting at'))
    cli.signal('SIGINT')

    expect(await cli.code).toBe(130)
  })
})

describe('the loopback address of a consent', () => {
  it('answers nothing but the one request with its state', async () => {
    const redirect = await openLoopbackRedirect()
    ends.push(() => redirect.close())
    const answer = redirect.answer('right', new AbortController().signal)
    const tries: [string, RequestInit?][] = [
      ['?code=c&state=wrong'],
      ['?code=c'],
      ['/more?code=c&state=right'],
      ['?code=c&state=right', { method: 'POST' }],
    ]
    for (const [rest, init] of tries) expect((await fetch(`${redirect.uri}${rest}`, init)).status).toBe(404)
    expect(
      (await fetch(`${redirect.uri.replace('127.0.0.1', 'localhost')}?code=c&state=right`).catch(() => undefined))
        ?.status ?? 404,
    ).toBe(404)

    await fetch(`${redirect.uri}?error=access_denied&error_description=no&state=right`)

    expect(await answer).toEqual({ state: 'right', error: 'access_denied', errorDescription: 'no' })
    expect((await fetch(`${redirect.uri}?code=c&state=right`)).status).toBe(404)
  })

  it('stops waiting when it is told to', async () => {
    const redirect = await openLoopbackRedirect()
    ends.push(() => redirect.close())
    const stop = new AbortController()
    const answer = redirect.answer('right', stop.signal)
    stop.abort()

    expect(await failureOf(answer)).toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect(await failureOf(redirect.answer('right', stop.signal))).toMatchObject({ code: 'IF_ERR_CANCELLED' })
  })
})
