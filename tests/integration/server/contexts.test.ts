import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addContext, listContexts, removeContext, useContext } from '../../../src/client/index.ts'
import { failureOf, holder, open, owner, serve, temporaryHome } from './rig.ts'

const TOKEN = `ifab_01ARZ3NDEKTSV4RRFFQ69G5FAV_${'s'.repeat(43)}`

describe('contexts', () => {
  it('are added, used, listed and removed; the token lies beside them, for its owner alone', async () => {
    const home = temporaryHome()
    await addContext({ home }, { name: 'prod', url: 'https://fabric.example', token: ` ${TOKEN}\n` })
    await addContext({ home }, { name: 'local', url: 'http://127.0.0.1:7420', tokenFile: '/run/token' })

    expect(await listContexts({ home })).toEqual([
      { name: 'local', url: 'http://127.0.0.1:7420', tokenFile: '/run/token', isCurrent: false },
      {
        name: 'prod',
        url: 'https://fabric.example',
        tokenFile: join(home, 'contexts', 'prod.token'),
        isCurrent: false,
      },
    ])
    expect(readFileSync(join(home, 'contexts.yaml'), 'utf8')).not.toContain(TOKEN)
    expect(statSync(join(home, 'contexts', 'prod.token')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(home, 'contexts', 'prod.token'), 'utf8')).toBe(`${TOKEN}\n`)
    expect(await useContext({ home }, 'prod')).toMatchObject({ name: 'prod', isCurrent: true })
    await removeContext({ home }, 'prod')
    expect((await listContexts({ home })).map(({ name, isCurrent }) => [name, isCurrent])).toEqual([['local', false]])
    expect(await useContext({ home }, null)).toBeNull()
  })

  it('refuse what can’t be one, and name those that there are', async () => {
    const home = temporaryHome()
    await addContext({ home }, { name: 'prod', url: 'https://fabric.example' })

    expect(await failureOf(useContext({ home }, 'prd'))).toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      hint: expect.stringContaining('`prod`'),
    })
    expect((await failureOf(removeContext({ home }, '__proto__'))).code).toBe('IF_ERR_NOT_FOUND')
    expect((await failureOf(addContext({ home }, { name: '../x', url: 'https://a.example' }))).code).toBe(
      'IF_ERR_INVALID_INPUT',
    )
    expect((await failureOf(addContext({ home }, { name: 'a', url: 'http://a.example' }))).message).toContain(
      'in the clear',
    )
    expect(
      (await failureOf(addContext({ home }, { name: 'a', url: 'https://a.example', token: 'two words' }))).code,
    ).toBe('IF_ERR_INVALID_TOKEN')
    expect(
      (await failureOf(addContext({ home }, { name: 'a', url: 'https://a.example', token: TOKEN, tokenFile: 'f' })))
        .code,
    ).toBe('IF_ERR_USAGE')
    writeFileSync(join(home, 'contexts.yaml'), 'version: 1\ncurent: x\n')
    expect((await failureOf(listContexts({ home }))).message).toContain('contexts.yaml:2')
  })
})

describe('the fabric that is opened', () => {
  it('is the home’s daemon where one runs, the home itself where none does', async () => {
    const home = temporaryHome()
    expect((await open({ home })).way).toEqual({ kind: 'home', home })

    const daemon = await serve(home)

    expect((await open({ home })).way).toMatchObject({ kind: 'daemon', address: `unix:${daemon.socket}` })
    expect((await open({ env: { IFAB_HOME: home } })).way.kind).toBe('daemon')
    expect((await open({ home, way: 'home' })).way.kind).toBe('home')
    await daemon.close()
    expect((await open({ home })).way.kind).toBe('home')
  })

  it('is the one whose address was given, before the environment, before a context, before the home', async () => {
    const [first, second, own] = [await serve(temporaryHome()), await serve(temporaryHome()), temporaryHome()]
    const { token } = await holder(first, { actor: 'if://agent/first' })
    const { token: other } = await holder(second, { actor: 'if://agent/second' })
    await addContext({ home: own }, { name: 'second', url: second.url, token: other })
    const tokenFile = join(own, 'token')
    writeFileSync(tokenFile, `${token}\n`)
    const env = { IFAB_HOME: own, IFAB_URL: first.url, IFAB_TOKEN_FILE: tokenFile }

    expect((await open({ env })).actor).toBe('if://agent/first')
    expect((await open({ env: { ...env, IFAB_TOKEN: token, IFAB_TOKEN_FILE: '/nowhere' } })).actor).toBe(
      'if://agent/first',
    )
    expect((await open({ env, context: 'second' })).way).toMatchObject({ context: 'second', address: second.url })
    expect((await open({ env, url: second.url, token: other })).actor).toBe('if://agent/second')
    await useContext({ home: own }, 'second')
    expect((await open({ env: { IFAB_HOME: own } })).actor).toBe('if://agent/second')
    expect((await open({ env: { IFAB_HOME: own }, home: own })).way.kind).toBe('home')
    expect((await open({ env: { IFAB_HOME: own }, way: 'home' })).way.kind).toBe('home')
  })

  it('isn’t another one when the one that was named can’t be reached', async () => {
    const home = temporaryHome()
    const daemon = await serve(home)
    await addContext({ home }, { name: 'gone', url: 'http://127.0.0.1:1' })
    await useContext({ home }, 'gone')

    expect(await failureOf(open({ env: { IFAB_HOME: home } }))).toMatchObject({
      code: 'IF_ERR_DAEMON_UNAVAILABLE',
      exitCode: 7,
    })
    expect((await failureOf(open({ env: { IFAB_URL: daemon.url, IFAB_TOKEN_FILE: '/nowhere' } }))).code).toBe(
      'IF_ERR_NOT_FOUND',
    )
    expect((await failureOf(open({ home, context: 'nope' }))).code).toBe('IF_ERR_NOT_FOUND')
  })

  it('keeps session and reason of who opened it', async () => {
    const daemon = await serve(temporaryHome())
    const fabric = await owner(daemon, { actor: 'if://person/ana', why: 'tests', env: { IFAB_SESSION: 'night-shift' } })

    await fabric.createToken({ actor: 'if://agent/a' })

    let last: Record<string, unknown> = {}
    for await (const entry of fabric.witnessEntries({ reverse: true, limit: 1 })) last = entry
    expect(last).toMatchObject({ actor: 'if://person/ana', session: 'night-shift', why: 'tests' })
  })

  it('reads a torn record of a daemon as none', async () => {
    const home = temporaryHome()
    writeFileSync(join(home, 'daemon.json'), '{"pid": 1')
    expect((await open({ home })).way.kind).toBe('home')

    writeFileSync(
      join(home, 'daemon.json'),
      JSON.stringify({ pid: 1, socket: join(home, 'no.sock'), url: 'x', version: '9.9.9', startedAt: '' }),
    )
    expect((await open({ home })).way.kind).toBe('home')
  })
})

describe('whatever answers in a daemon’s place', () => {
  it('is named as none', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_request, response) => response.writeHead(502).end('<html>bad gateway</html>')).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }

    const error = await failureOf(open({ url: `http://127.0.0.1:${port}`, token: TOKEN }))
    server.close()

    expect(error).toMatchObject({ code: 'IF_ERR_DAEMON_UNAVAILABLE', message: expect.stringContaining('HTTP 502') })
  })
})
