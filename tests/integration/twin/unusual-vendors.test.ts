import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type JsonObject, systemClock } from '../../../src/foundation/index.ts'
import { openTwin, parseFault, type Twin, type TwinOptions } from '../../../src/twin/index.ts'
import { depot } from '../../unit/twin/depot-provider.ts'

const open: Twin[] = []

async function start(options: Partial<TwinOptions> = {}): Promise<Twin> {
  const twin = await openTwin({ provider: depot, ...options })
  open.push(twin)
  return twin
}

afterEach(async () => {
  for (const twin of open.splice(0)) {
    expect(twin.problems).toEqual([])
    await twin.close()
  }
})

const postJson = (twin: Twin, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${twin.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const postForm = (twin: Twin, path: string, form: Record<string, string>): Promise<Response> =>
  fetch(`${twin.url}${path}`, { method: 'POST', body: new URLSearchParams(form) })

const read = async (answer: Response): Promise<JsonObject> => (await answer.json()) as JsonObject

describe('a credential in the path', () => {
  it('is checked in its place, and never logged, not even a wrong one', async () => {
    const twin = await start()
    const token = twin.secrets.BOT ?? ''

    const right = await postJson(twin, `/bot${token}/note`, { text: 'hi', nonce: 'n1' })
    const encoded = await postJson(twin, `/bot${encodeURIComponent(token)}/note`, { text: 'hi', nonce: 'n2' })
    const wrong = await postJson(twin, '/bot99:somebodys-real-token/note?x=1', { text: 'hi' })

    expect([right.status, encoded.status, wrong.status]).toEqual([200, 200, 401])
    expect(twin.calls.log.map(({ target }) => target)).toEqual([
      '/bot<redacted>/note',
      '/bot<redacted>/note',
      '/bot<redacted>/note?x=1',
    ])
  })
})

describe('a key in the body', () => {
  it('gives the first answer again, and is refused with other parameters', async () => {
    const twin = await start()
    const send = (text: string, nonce: string) => postJson(twin, `/bot${twin.secrets.BOT}/note`, { text, nonce })

    const [first, second] = [await read(await send('tea', 'n1')), await read(await send('tea', 'n1'))]
    const other = await send('coffee', 'n1')

    expect(second).toEqual(first)
    expect(other.status).toBe(400)
    expect(twin.effects).toMatchObject([{ operation: 'depot:note.send', key: 'n1', id: 'n_twin_1' }])
  })

  it('is left to the handlers where they remember keys themselves', async () => {
    const twin = await start({ provider: { ...depot, twin: { ...depot.twin, ownKeys: true } } })
    const send = () => postJson(twin, `/bot${twin.secrets.BOT}/note`, { text: 'tea', nonce: 'n1' })

    expect([await read(await send()), await read(await send())].map(({ id }) => id)).toEqual(['n_twin_1', 'n_twin_2'])
  })
})

describe('several operations on one path', () => {
  it.each([
    ['pay', { createTransaction: { kind: 'authCapture', amount: '12.50' } }],
    ['refund', { createTransaction: { kind: 'refund', amount: '10.00', of: 't7' } }],
    ['get', { getTransaction: { id: 't7' } }],
  ])('are told apart by the body: %s', async (what, body) => {
    const twin = await start()
    const [[root, members]] = Object.entries(body) as [[string, object]]
    const withLogin = (name: string | undefined) => ({ [root]: { login: { name }, ...members } })

    const answer = await postJson(twin, '/request.api', withLogin(twin.secrets.LOGIN))
    const wrong = await postJson(twin, '/request.api', withLogin('wrong'))

    expect(await read(answer)).toMatchObject({ what })
    expect(wrong.status).toBe(401)
    expect(twin.calls.log.map(({ operation }) => operation)).toEqual([`depot:bill.${what}`, `depot:bill.${what}`])
  })

  it('are told apart by a form, and share a path with a suffix', async () => {
    const twin = await start()

    const hungUp = await read(await postForm(twin, '/Calls/CA9.json', { Status: 'completed' }))
    const redirected = await read(await postForm(twin, '/Calls/CA9.json', { Url: 'https://y.example/z' }))

    expect(hungUp).toEqual({ what: 'hangup', path: { sid: 'CA9' }, value: { Status: 'completed' } })
    expect(redirected).toMatchObject({ what: 'redirect' })
  })

  it('are the one that the definition names where it names one', async () => {
    const discriminate = () => 'call.redirect'
    const twin = await start({ provider: { ...depot, twin: { ...depot.twin, discriminate } } })

    expect(await read(await postForm(twin, '/Calls/CA9.json', { Status: 'completed' }))).toMatchObject({
      what: 'redirect',
    })
  })
})

describe('access tokens', () => {
  it('are given for the right secret in the body, let in further requests, and end', async () => {
    const at = { now: 0 }
    const twin = await start({ clock: { ...systemClock, now: () => at.now } })

    expect((await postForm(twin, '/token', { user: 'me', password: 'wrong' })).status).toBe(401)
    const { access_token: token } = await read(
      await postForm(twin, '/token', { user: 'me', password: twin.secrets.PASSWORD ?? '' }),
    )
    const authorization = `Bearer ${token}`
    const job = () => fetch(`${twin.url}/data/jobs/j1?tag=a&tag=b`, { headers: { authorization } })

    expect((await postJson(twin, '/jobs', {}, { authorization })).status).toBe(200)
    expect(await read(await job())).toEqual({ id: 'j1', tags: ['a', 'b'] })
    expect((await postJson(twin, '/jobs', {})).status).toBe(401)
    at.now = 60_000
    expect((await job()).status).toBe(401)
    const handed = `Bearer ${twin.issue('access', 60)}`
    expect((await postJson(twin, '/jobs', {}, { authorization: handed })).status).toBe(200)
    expect(JSON.stringify(twin.calls.log)).not.toContain(String(token))
  })

  it('need a route for each further request', async () => {
    const routes = { 'POST /token': () => ({ body: null }) }

    await expect(start({ provider: { ...depot, twin: { ...depot.twin, routes } } })).rejects.toThrow(
      'no handler for GET /data/jobs/{id}, which depot:job.run sends after its first request',
    )
  })
})

describe('bytes', () => {
  it('are taken and given as they are, whatever their type, under a key that has slashes', async () => {
    const twin = await start()
    const at = `${twin.url}/blobs/a/b%20c/d.json?key=${twin.secrets.LOGIN}`

    const made = await fetch(at, { method: 'PUT', body: '{"not":', headers: { 'content-type': 'application/json' } })
    const got = await fetch(at)
    const size = await fetch(at, { method: 'HEAD' })
    const wrong = await fetch(`${twin.url}/blobs/a?key=somebodys-real-key`)

    expect([made.status, await made.text(), made.headers.get('content-length')]).toEqual([204, '', null])
    expect([got.headers.get('content-type'), await got.text()]).toEqual(['image/png', '{"not":'])
    expect([size.headers.get('content-length'), await size.text()]).toEqual(['12345', ''])
    expect(wrong.status).toBe(401)
    expect(Object.keys(twin.snapshot().blobs ?? {})).toEqual(['a/b c/d.json'])
    expect(twin.calls.log.map(({ target }) => target)).toEqual([
      ...Array.from({ length: 3 }, () => '/blobs/a/b%20c/d.json?key=<redacted>'),
      '/blobs/a?key=<redacted>',
    ])
  })

  it('are read out of the chunks in which AWS clients send them', async () => {
    const twin = await start()
    const put = (body: string) =>
      fetch(`${twin.url}/blobs/k?key=${twin.secrets.LOGIN}`, {
        method: 'PUT',
        body,
        headers: { 'content-encoding': 'aws-chunked' },
      })

    expect(
      (await put('5\r\nhello\r\n2;chunk-signature=0a\r\n\r\n\r\n0\r\nx-amz-checksum-crc32:AA==\r\n\r\n')).status,
    ).toBe(204)
    expect(twin.snapshot().blobs?.k).toEqual({ base64: Buffer.from('hello\r\n').toString('base64') })
    expect([(await put('zz')).status, (await put('9\r\nhello')).status]).toEqual([400, 400])
  })
})

describe('an answer that streams', () => {
  it('comes piece by piece', async () => {
    const twin = await start()

    const answer = await postJson(twin, '/words', { stream: true })

    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(answer.headers.get('content-length')).toBeNull()
    expect(await answer.text()).toBe('data: one\n\ndata: two\n\ndata: [DONE]\n\n')
  })

  it('is cut in the middle by drop-after', async () => {
    const twin = await start({ faults: [parseFault('depot:words.stream:drop-after')] })

    const answer = await postJson(twin, '/words', { stream: true })
    const seen: string[] = []
    const reading = (async () => {
      for await (const piece of answer.body ?? []) seen.push(Buffer.from(piece).toString())
    })()

    await expect(reading).rejects.toThrow()
    expect(seen.join('')).not.toContain('[DONE]')
  })

  it('ends with a client that goes away', async () => {
    const pieces = Array.from({ length: 1_000 }, () => `data: ${'x'.repeat(100_000)}\n\n`)
    const operations = { ...depot.twin.operations, 'words.stream': () => ({ stream: pieces, body: null }) }
    const twin = await start({ provider: { ...depot, twin: { ...depot.twin, operations } } })

    await new Promise<void>((resolve) => {
      const asked = httpRequest(`${twin.url}/words`, { method: 'POST' }, (answer) => {
        answer.once('data', () => asked.destroy())
        answer.once('close', resolve)
      })
      asked.on('error', () => undefined) // it is this test that cuts it
      asked.end()
    })

    expect((await postForm(twin, '/Calls/CA1.json', { Status: 'completed' })).status).toBe(200)
  })
})
