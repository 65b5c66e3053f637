// Access tokens are long and come anew every hour: the redactor keeps up with both.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { REDACTED, Redactor } from '../../../src/foundation/index.ts'

const token = (bytes = 900) => randomBytes(bytes).toString('base64url')

describe('a redactor of tokens', () => {
  it('takes out many long ones, in the forms of encoders too', () => {
    const redactor = new Redactor()
    const tokens = Array.from({ length: 30 }, () => token())
    for (const each of tokens) redactor.add(each)

    for (const each of tokens) {
      expect(redactor.text(`a ${each} b`)).toBe(`a ${REDACTED} b`)
      expect(redactor.leaks(Buffer.from(each).toString('base64'))).toBe(true)
      expect(redactor.leaks(Buffer.from(each).toString('hex'))).toBe(true)
    }
  })

  it('finds a long secret with characters that encoders escape, in their spellings', () => {
    const redactor = new Redactor()
    const secret = `${token(200)}+/"=&${token(200)}`
    redactor.add(secret)

    const escaped = secret.replaceAll('/', '\\/').replaceAll('"', '&#34;').replaceAll('+', '%2B')
    expect(redactor.text(`x${escaped}y`)).toBe(`x${REDACTED}y`)
  })

  it('forgets what counts no more, and nothing else', () => {
    const redactor = new Redactor()
    const [old, current] = [token(), token()]
    redactor.add(old)
    redactor.add(current)
    expect(redactor.text(`${old} ${current}`)).toBe(`${REDACTED} ${REDACTED}`)

    redactor.forget(old)
    redactor.forget('never seen')

    expect(redactor.text(`${old} ${current}`)).toBe(`${old} ${REDACTED}`)
  })
})
