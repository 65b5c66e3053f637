import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FabricError, formatPath, parseDocumentText, readDocument } from '../../../src/foundation/index.ts'

const schema = z.strictObject({
  name: z.string(),
  limit: z.number().optional(),
  steps: z.record(
    z.string(),
    z.strictObject({ use: z.string(), after: z.union([z.string(), z.array(z.string())]).optional() }),
  ),
})

function problemOf(text: string): FabricError {
  try {
    parseDocumentText(text, schema, 'play.yaml')
  } catch (thrown) {
    if (thrown instanceof FabricError) return thrown
    throw thrown
  }
  throw new Error('expected a refusal')
}

describe('a wrong document', () => {
  it.each([
    ['malformed YAML', 'name: a\nsteps: {a: {use: x}\nlimit: 3\n', 'play.yaml:3 '],
    ['a tab as indentation', 'name: a\nsteps:\n\ta: {use: x}\n', 'play.yaml:3 '],
    [
      'an unknown field',
      'name: a\nsteps:\n  a:\n    use: x\n    wiht: 1\n',
      'play.yaml:5 steps.a: unknown field "wiht"',
    ],
    ['two unknown fields', 'name: a\nsteps: {}\nb: 1\nc: 2\n', 'play.yaml:3 unknown fields "b", "c"'],
    ['a misspelt field before the one it leaves missing', 'name: a\n\nstep: {}\n', 'play.yaml:3 unknown field "step"'],
    ['a wrong type', 'name: a\n\nlimit: ten\nsteps: {}\n', 'play.yaml:3 limit: expected number, received string'],
    [
      'a missing field',
      'name: a\nsteps:\n  b:\n    after: a\n',
      'play.yaml:3 steps.b.use: is missing, expected string',
    ],
    ['a duplicate key', 'name: a\nsteps: {}\nname: b\n', 'play.yaml:3 the key "name" stands twice'],
    [
      'the wrong branch of a union',
      'name: a\nsteps:\n  b:\n    use: x\n    after:\n      - a\n      - 3\n',
      'play.yaml:7 steps.b.after[1]: expected string',
    ],
    ['neither branch of a union', 'name: a\nsteps:\n  b:\n    use: x\n    after: 7\n', 'play.yaml:5 steps.b.after: '],
    ['an empty file', '', 'play.yaml:1 expected object'],
    ['a list for an object', '- a\n', 'play.yaml:1 expected object, received array'],
    [
      'a key that needs quotes',
      'name: a\nsteps:\n  "a b":\n    use: 1\n',
      'play.yaml:4 steps["a b"].use: expected string',
    ],
  ])('is refused with file, line and field: %s', (_what, text, start) => {
    const error = problemOf(text)

    expect(error.code).toBe('IF_ERR_INVALID_FILE')
    expect(error.message.slice(0, start.length)).toBe(start)
    expect(error.message).not.toContain('\n')
  })

  it('carries file, line and field for programs', () => {
    expect(problemOf('name: a\nlimit: x\nsteps: {}\n').details).toEqual({ file: 'play.yaml', line: 2, field: 'limit' })
  })

  it('does not unfold aliases without end', () => {
    const bomb = `name: a\nl0: &l0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join(', ')}]`).join('\n')}\nsteps: {}\n`

    expect(() => parseDocumentText(bomb, z.unknown(), 'bomb.yaml')).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_FILE' }),
    )
  })

  it('refuses an alias to nothing', () => {
    expect(problemOf('name: *nobody\nsteps: {}\n').code).toBe('IF_ERR_INVALID_FILE')
  })
})

describe('a right document', () => {
  it('is parsed from YAML and from JSON alike', () => {
    const yaml = parseDocumentText('name: a\nsteps:\n  one: {use: x}\n', schema, 'a.yaml')
    const json = parseDocumentText('{"name":"a","steps":{"one":{"use":"x"}}}', schema, 'a.json')

    expect(yaml.value).toEqual(json.value)
  })

  it('tells the line of a path afterwards, of the nearest thing that exists where the path does not', () => {
    const { lineOf } = parseDocumentText(
      'name: a\nsteps:\n  one:\n    use: x\n    after:\n      - b\n',
      schema,
      'a.yaml',
    )

    expect(lineOf(['steps', 'one'])).toBe(3)
    expect(lineOf(['steps', 'one', 'after', 0])).toBe(6)
    expect(lineOf(['steps', 'one', 'with', 'to'])).toBe(3)
    expect(lineOf(['name', 'deeper'])).toBe(1)
  })

  it('takes yes and no for texts, as YAML 1.2 does', () => {
    expect(parseDocumentText('name: no\nsteps: {}\n', schema, 'a.yaml').value.name).toBe('no')
  })
})

describe('a document on disk', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ifab-document-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is read', async () => {
    writeFileSync(join(folder, 'a.yaml'), 'name: a\nsteps: {}\n')

    expect((await readDocument(join(folder, 'a.yaml'), schema)).value.name).toBe('a')
  })

  it('is not found where there is none, and not readable where it is a folder', async () => {
    await expect(readDocument(join(folder, 'none.yaml'), schema)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(readDocument(folder, schema)).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('EISDIR'),
    })
  })
})

it('a path is written as people write it in a program', () => {
  expect(formatPath(['steps', 'tell', 'with', 'a b', 0, '0'])).toBe('steps.tell.with["a b"][0]["0"]')
})
