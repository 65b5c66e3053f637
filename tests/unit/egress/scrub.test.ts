import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScrubber } from '../../../src/egress/scrub.ts'
import { REDACTED, Redactor } from '../../../src/foundation/index.ts'

const scrub = (secret: string, body: Buffer | string, headers: Record<string, string> = {}) => {
  const scrubber = createScrubber(new Redactor())
  scrubber.register(secret)
  return scrubber.response({ status: 200, headers, body: Buffer.from(body as string) })
}

const SECRET = `sk/live+4f'9=Zq&8x"Y`

describe('the scrubber', () => {
  it.each([
    ['raw', SECRET],
    ['base64', Buffer.from(`user:${SECRET}`).toString('base64')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['lower-case percent codes', encodeURIComponent(SECRET).toLowerCase()],
    ['percent-encoded but for slashes', encodeURIComponent(SECRET).replaceAll('%2F', '/')],
    ['form-encoded', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON with escaped slashes', SECRET.replaceAll('/', '\\/')],
    ['JSON with unicode escapes', SECRET.replace(/[+<>&'"]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)],
  ])('removes a secret that comes back %s', (_form, echo) => {
    const response = scrub(SECRET, `before ${echo} after`, { 'x-echo': `v=${echo}`, 'x-plain': 'kept' })

    expect(response.text).toContain(REDACTED)
    expect(response.text).not.toContain(echo)
    expect(Buffer.from(response.body).toString()).toBe(response.text)
    expect(response.headers['x-echo']).toContain(REDACTED)
    expect(response.headers['x-plain']).toBe('kept')
  })

  it('removes a secret that is not ASCII', () => {
    const secret = 'pässwörd-日本-геслo'

    for (const echo of [
      secret,
      encodeURIComponent(secret),
      secret.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ]) {
      const response = scrub(secret, `é ${echo} é`)
      expect(response.text).toBe(`é ${REDACTED} é`)
      expect(Buffer.from(response.body).toString()).toBe(`é ${REDACTED} é`)
    }
  })

  it('leaves bytes and headers as they are when nothing matches', () => {
    const picture = Buffer.from(Uint8Array.from({ length: 512 }, (_, at) => at % 256))
    const headers = { 'content-type': 'image/png' }
    const scrubber = createScrubber(new Redactor())
    scrubber.register(SECRET)

    const response = scrubber.response({ status: 200, headers, body: picture })

    expect(response.body).toBe(picture)
    expect(response.headers).toBe(headers)
  })

  it('keeps the other bytes of a binary answer that holds a secret', () => {
    const noise = Buffer.from([0, 255, 128, 10, 200])

    const response = scrub('hunter2-hunter2', Buffer.concat([noise, Buffer.from('hunter2-hunter2'), noise]))

    expect(Buffer.from(response.body)).toEqual(Buffer.concat([noise, Buffer.from(REDACTED), noise]))
  })

  it('never lets a secret through, whatever surrounds it', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/_=-]{12,40}$/)
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const echoes = [value, Buffer.from(before + value + after).toString('base64')]
        for (const echo of echoes) {
          const response = scrub(value, before + echo + after)
          expect(response.text).not.toContain(value)
          expect(Buffer.from(response.text.replaceAll(REDACTED, '!'), 'base64').toString()).not.toContain(value)
        }
      }),
      { numRuns: 100 },
    )
  })
})
