// However a host writes a secret back: escaped in part or all over, once or twice.
import { expect, it } from 'vitest'
import { Redactor } from '../../../src/foundation/index.ts'

const SECRET = 'sk_"+/\\core0123&?=~ ü'

const redactorOf = (secret: string): Redactor => {
  const redactor = new Redactor()
  redactor.add(secret)
  return redactor
}

const each = (spell: (character: string) => string) => [...SECRET].map(spell).join('')
const percent = (character: string) =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

it.each([
  ['percent-encoded all over', each(percent)],
  ['percent-encoded in upper case', each(percent).toUpperCase()],
  ['percent-encoded twice', each(percent).replaceAll('%', '%25')],
  ['percent-encoded here and there', each((character) => (character < 'i' ? percent(character) : character))],
  ['in \\u escapes', each((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)],
  ['in decimal entities', each((character) => `&#${character.codePointAt(0)};`)],
  ['in hexadecimal entities', each((character) => `&#x${character.codePointAt(0)?.toString(16)};`)],
  ['as JSON inside JSON', JSON.stringify(JSON.stringify({ SECRET }))],
  ['as JSON inside JSON inside JSON', JSON.stringify(JSON.stringify(JSON.stringify({ SECRET })))],
])('finds a secret %s', (_, text) => {
  const clean = redactorOf(SECRET).text(`before ${text} after`)

  expect(clean).toMatch(/^before .*<redacted>.* after$/)
  expect(clean).not.toContain('core0123')
  expect(clean).not.toContain(percent('core0123'))
})

it('leaves alone what only begins like a secret', () => {
  const text = 'sk_%22+/\\core012 and sk_"+/'

  expect(redactorOf(SECRET).text(text)).toBe(text)
})

it('keeps JSON that holds a secret parseable', () => {
  const text = JSON.stringify({ path: `C:\\${SECRET}\n`, plain: SECRET, twice: JSON.stringify({ SECRET }) })

  expect(JSON.parse(redactorOf(SECRET).text(text)).plain).toBe('<redacted>')
})
