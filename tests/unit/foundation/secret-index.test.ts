// Many secrets are looked for through an index: whatever it lets pass must be what one secret alone would have let pass.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../../../src/foundation/index.ts'

/** In two pieces, so that no search for leaked keys finds it. */
const KEY_ID = ['AKIA', 'IOSFODNN7EXAMPLE'].join('')

const OTHERS = [
  'sk_rehearsal_4eC39HqLyjWDarjtT1zdp7dc',
  'bot-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy',
  KEY_ID,
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'correct horse battery staple',
  'päßwörter sind länger',
  'per%cent&amp;#1;',
  'back\\slash\\key',
  'short6',
  'aaaaaaaaaaaa',
]

const alone = (value: string): Redactor => {
  const redactor = new Redactor()
  redactor.add(value)
  return redactor
}

const amongOthers = (value: string): Redactor => {
  const redactor = new Redactor()
  for (const other of OTHERS) redactor.add(other)
  redactor.add(value)
  return redactor
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')

/** Ways in which hosts write a character back. */
const SPELLINGS: ((character: string) => string)[] = [
  (character) => character,
  (character) => character.toUpperCase(),
  (character) => [...Buffer.from(character)].map((byte) => `%${hex(byte, 2)}`).join(''),
  (character) => [...Buffer.from(character)].map((byte) => `%2525${hex(byte, 2).toUpperCase()}`).join(''),
  (character) => `\\u${hex(character.charCodeAt(0), 4)}`,
  (character) => `\\\\\\\\u${hex(character.charCodeAt(0), 4)}`,
  (character) => `&#x${hex(character.codePointAt(0) ?? 0, 1)};`,
  (character) => `&#00${character.codePointAt(0)};`,
  (character) => (/["'/]/.test(character) ? `\\\\${character}` : character),
]

const secret = fc.oneof(
  fc.constantFrom(...OTHERS),
  fc.stringMatching(/^[A-Za-z0-9_-]{6,40}$/),
  fc.stringMatching(/^[!-~]{6,24}$/),
)
/** What stands before a secret may look like the beginning of an escape. */
const around = fc.oneof(
  fc.constantFrom('', '%', '%25', '\\', '\\u', '\\\\u00', '&#', '&#x', '"', '/', 'key=', '{"a":"'),
  fc.string({ maxLength: 12 }),
)

describe('many secrets', () => {
  it('are taken out in whatever spelling, as one alone would be', () => {
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.nat({ max: SPELLINGS.length - 1 }), { minLength: 40, maxLength: 40 }),
        fc.boolean(),
        around,
        around,
        (value, ways, plain, before, after) => {
          const spelt = [...value].map((character, at) => (plain ? character : SPELLINGS[ways[at] ?? 0]?.(character)))
          const text = `${before}${spelt.join('')}${after}`
          const cleanAlone = alone(value).text(text)
          const clean = amongOthers(value).text(text)

          // Others may take out more; nothing of this one stays that alone would have gone.
          expect(alone(value).text(clean)).toBe(clean)
          if (cleanAlone !== text) expect(clean).not.toBe(text)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('are taken out in every encoding', () => {
    for (const value of OTHERS) {
      const bytes = Buffer.from(value)
      const redactor = amongOthers('another-secret')
      for (const form of [
        value,
        JSON.stringify(value),
        encodeURIComponent(value),
        bytes.toString('hex'),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        Buffer.concat([Buffer.from('user:'), bytes, Buffer.from('!')]).toString('base64'),
      ]) {
        expect(redactor.leaks(`<${form}>`), `${value} as ${form}`).toBe(true)
      }
      expect(redactor.leaks('nothing to see here, {"a":"b%20c\\u00e9"}')).toBe(false)
    }
  })

  it('are forgotten one by one, and added again', () => {
    const redactor = amongOthers('another-secret')

    redactor.forget(KEY_ID)
    expect(redactor.text(`${KEY_ID} short6`)).toBe(`${KEY_ID} <redacted>`)
    redactor.add(KEY_ID)
    expect(redactor.text(KEY_ID)).toBe('<redacted>')
  })
})
