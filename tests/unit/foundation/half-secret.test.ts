import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REDACTED, Redactor } from '../../../src/foundation/index.ts'

const SECRET = `sk/live+4f'9=Zq&8%x\\"Y`

const spelled: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['in base64', (secret) => Buffer.from(`user:${secret}`).toString('base64')],
  ['in percent codes', (secret) => [...Buffer.from(secret)].map((byte) => `%${hex(byte, 2)}`).join('')],
  ['in doubled percent codes', (secret) => [...Buffer.from(secret)].map((byte) => `%25${hex(byte, 2)}`).join('')],
  ['as JSON in JSON', (secret) => JSON.stringify(JSON.stringify(secret))],
  ['in unicode escapes', (secret) => [...secret].map((c) => `\\u${hex(c.charCodeAt(0), 4)}`).join('')],
  ['in entities', (secret) => [...secret].map((c) => `&#x${hex(c.charCodeAt(0), 1)};`).join('')],
  [
    'in decimal entities, mixed',
    (secret) => [...secret].map((c, at) => (at % 3 ? c : `&#${c.charCodeAt(0)};`)).join(''),
  ],
]
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

function piecewise(redactor: Redactor, pieces: string[]): string {
  let held = ''
  let clean = ''
  for (const piece of pieces) {
    const told = redactor.textSoFar(held + piece)
    clean += told.clean
    held = told.held
  }
  return clean + redactor.text(held)
}

describe('a text that comes in pieces', () => {
  it.each(spelled)('hides a secret written %s wherever it is cut', (_form, spell) => {
    const redactor = new Redactor()
    redactor.add(SECRET)
    const text = `before ${spell(SECRET)} after\n`
    const whole = redactor.text(text)
    expect(whole).toContain(REDACTED)

    for (let at = 0; at <= text.length; at++) {
      expect(piecewise(redactor, [text.slice(0, at), text.slice(at)])).toBe(whole)
    }
    expect(piecewise(redactor, [...text])).toBe(whole)
  })

  it('is handed out at once where nothing is half a secret', () => {
    const redactor = new Redactor()
    redactor.add(SECRET)

    for (const text of ['data: {"delta":"hello"}\n\n', 'event: ping\r\n', '', 'a']) {
      expect(redactor.textSoFar(text)).toEqual({ clean: text, held: '' })
    }
    expect(redactor.textSoFar('the key is sk/li')).toEqual({ clean: 'the key is ', held: 'sk/li' })
  })

  it('keeps whole what overlaps itself or another secret', () => {
    const redactor = new Redactor()
    redactor.add('abcabcabc')
    redactor.add('abcabcabcdef')
    redactor.add('bcabcabcdefgh')
    const text = 'x abcabcabc y abcabcabcdef abcabcabcdefgh abcabcabcabc.'

    for (let at = 0; at <= text.length; at++) {
      expect(piecewise(redactor, [text.slice(0, at), text.slice(at)])).toBe(redactor.text(text))
    }
  })

  it('gives what the whole gives, however it is cut', () => {
    const secret = fc.stringMatching(/^[a-c%\\"'/&]{6,12}$/)
    const noise = fc.stringMatching(/^[a-c%\\"'/&;#x25u0]{0,12}$/)
    fc.assert(
      fc.property(secret, fc.array(noise, { maxLength: 4 }), fc.nat(7), (value, around, form) => {
        const redactor = new Redactor()
        redactor.add(value)
        const spell = spelled[form]?.[1] ?? ((text: string) => text)
        const text = around.join(spell(value))

        expect(redactor.leaks(piecewise(redactor, [...text]))).toBe(false)
        for (let at = 0; at <= text.length; at += 5) {
          const shown = piecewise(redactor, [text.slice(0, at), text.slice(at)])
          expect(redactor.leaks(shown)).toBe(false)
        }
      }),
      { numRuns: 50 },
    )
  })
})
