import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAssignments } from '../../../src/cli/input/assignments.ts'
import { assignmentWords } from '../../../src/cli/output/shell-words.ts'
import { FabricError, type JsonObject } from '../../../src/foundation/index.ts'

const SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: { type: 'string' },
    amount: { type: 'integer' },
    currency: { type: 'string' },
    ratio: { type: 'number' },
    capture: { type: 'boolean' },
    state: { type: 'string', enum: ['on', 'off'] },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'integer' } },
    items: {
      type: 'array',
      items: { type: 'object', additionalProperties: false, properties: { price: { type: 'integer' } } },
    },
    extras: { type: 'object', additionalProperties: { $ref: '#/$defs/json' } },
    maybe: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  },
  $defs: {
    json: {
      anyOf: [
        { type: 'string' },
        { type: 'number' },
        { type: 'array', items: { $ref: '#/$defs/json' } },
        { type: 'object', additionalProperties: { $ref: '#/$defs/json' } },
      ],
    },
  },
}

const parse = (...words: string[]) => parseAssignments(words, SCHEMA)

async function refusal(...words: string[]): Promise<FabricError> {
  const thrown: unknown = await parse(...words).catch((error: unknown) => error)
  if (thrown instanceof FabricError) return thrown
  throw new Error(`expected a refusal, got ${JSON.stringify(thrown)}`)
}

describe('key=value', () => {
  it('types each value by the schema', async () => {
    expect(await parse('text=12', 'amount=2500', 'ratio=0.5', 'capture=false', 'state=on', 'maybe=null')).toEqual({
      text: '12',
      amount: 2500,
      ratio: 0.5,
      capture: false,
      state: 'on',
      maybe: null,
    })
  })

  it('takes everything behind the first = as it is', async () => {
    expect(await parse('text=@here a=b := "c"')).toEqual({ text: '@here a=b := "c"' })
  })

  it('takes an empty text', async () => {
    expect(await parse('text=')).toEqual({ text: '' })
  })

  it('parses JSON behind :=', async () => {
    expect(await parse('extras:={"a":[1,true]}', 'tags:=["x"]')).toEqual({ extras: { a: [1, true] }, tags: ['x'] })
  })

  it('reads the text of a file behind @=', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ifab-cli-'))
    await writeFile(join(folder, 'letter.txt'), 'Dear\nAna')

    expect(await parse(`text@=${join(folder, 'letter.txt')}`)).toEqual({ text: 'Dear\nAna' })
    await rm(folder, { recursive: true })
  })

  it('nests with dots and fills lists by index', async () => {
    expect(await parse('extras.deep.er=1', 'items.0.price=3', 'items.1.price=4')).toEqual({
      extras: { deep: { er: '1' } },
      items: [{ price: 3 }, { price: 4 }],
    })
  })

  it('fills a list with a repeated key, one mention being a list too', async () => {
    expect(await parse('tags=a', 'tags=b', 'sizes=7')).toEqual({ tags: ['a', 'b'], sizes: [7] })
  })

  it('goes on top of a whole input', async () => {
    expect(await parseAssignments(['amount=3'], SCHEMA, { amount: 1, text: 'x' })).toEqual({ amount: 3, text: 'x' })
  })

  it('leaves a reference to another step as it is', async () => {
    expect(await parse('amount=${steps.find.result.amount}')).toEqual({ amount: '${steps.find.result.amount}' })
  })

  it('never touches the prototype', async () => {
    const input = await parse('extras.__proto__=x')

    expect(Object.getPrototypeOf(input.extras)).toBe(Object.prototype)
    expect({}).not.toHaveProperty('x')
  })

  it('is content with anything where there is no schema', async () => {
    expect(await parseAssignments(['a=1', 'b.c=2'], {})).toEqual({ a: '1', b: { c: '2' } })
  })

  it('gives back what it prints', async () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value), async (input) => {
        const properties = Object.fromEntries(
          Object.entries(input).map(([key, member]) => [
            key,
            Array.isArray(member) ? { type: 'array', items: {} } : { type: typeof member },
          ]),
        )
        const words = shellSplit(assignmentWords(input))

        expect(await parseAssignments(words, { type: 'object', properties })).toEqual(input)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a wrong key=value', () => {
  it('says what an amount with decimals is in minor units', async () => {
    const error = await refusal('amount=25.00', 'currency=GBP')

    expect(error.message).toBe('amount expects a whole number, got "25.00"')
    expect(error.hint).toContain('GBP 25.00 is amount=2500')
    expect(error.exitCode).toBe(2)
  })

  it('knows currencies without decimals, unknown ones and none', async () => {
    expect((await refusal('amount=25.00', 'currency=JPY')).hint).toContain('at most 0 decimals')
    expect((await refusal('amount=25.00', 'currency=XYZ')).hint).toContain('not an ISO 4217')
    expect((await refusal('amount=25.00')).hint).toContain('GBP 25.00 is amount=2500')
  })

  it.each([
    [['amont=1'], 'there is no field amont', 'Did you mean `amount`?'],
    [['zzzzzz=1'], 'there is no field zzzzzz', 'Fields: text, amount'],
    [['items.0.prise=1'], 'there is no field items.0.prise', 'Did you mean `price`?'],
    [['state=onn'], 'state expects one of on, off, got "onn"', 'Did you mean `on`'],
    [['capture=yes'], 'capture expects true or false, got "yes"', undefined],
    [['ratio=NaN'], 'ratio expects a number', undefined],
    [['amount=9007199254740993'], 'amount expects a whole number', undefined],
    [['items=x'], 'items expects an object', 'Write items.name=value'],
    [['amount=1', 'amount=2'], 'amount is given twice and is not a list', undefined],
    [['extras:={'], 'extras:= expects JSON', 'For text write extras=…'],
    [['nothing'], '"nothing" is not key=value', 'key:=JSON'],
    [['=x'], '"=x" is not key=value', undefined],
    [['a..b=x'], '"a..b=x" is not key=value', undefined],
    [['text@=/nowhere/at/all'], 'text@=/nowhere/at/all: the file cannot be read (ENOENT)', undefined],
    [['items.5.price=1'], 'items.5.price: lists are filled in order, the next index is 0', undefined],
    [['extras=x', 'extras.a=1'], 'extras expects an object', undefined],
  ])('refuses %j', async (words, message, hint) => {
    const error = await refusal(...words)

    expect(error.message).toContain(message)
    if (hint !== undefined) expect(error.hint).toContain(hint)
    expect(error.exitCode).toBe(2)
  })
})

/** Splits as a POSIX shell would, as far as our quoting uses it. */
function shellSplit(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1)
      word = (word ?? '') + text.slice(at + 1, end)
      at = end
    } else if (char === '\\') {
      at += 1
      word = (word ?? '') + text[at]
    } else word = (word ?? '') + char
  }
  return word === undefined ? words : [...words, word]
}
