import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HighWaterFile } from '../../../src/store/high-water-file.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-high-water-'))
  path = join(folder, 'high.water')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sizeOf = (text: string) => (text.startsWith('size ') ? Number(text.slice(5)) : undefined)
const open = () => new HighWaterFile({ path, sizeOf })

test('the largest is in the file after closing, however many came at once', async () => {
  const file = open()

  for (let size = 1; size <= 500; size++) file.note(`size ${size}`, size)
  await file.close()

  expect(readFileSync(path, 'utf8')).toBe('size 500')
  expect(readdirSync(folder)).toEqual(['high.water'])
})

test('what is smaller never replaces what is larger', async () => {
  writeFileSync(path, 'size 9')
  const file = open()

  file.note('size 8', 8)
  await file.close()

  expect(readFileSync(path, 'utf8')).toBe('size 9')
})

test('many writers at once leave the largest', async () => {
  const writers = Array.from({ length: 8 }, open)

  await Promise.all(
    writers.map(async (writer, at) => {
      writer.note(`size ${at + 1}`, at + 1)
      await writer.close()
    }),
  )

  expect(await open().read()).toBe('size 8')
})

test('a file that holds something else is replaced', async () => {
  writeFileSync(path, 'something else')
  const file = open()

  file.note('size 1', 1)
  await file.close()

  expect(readFileSync(path, 'utf8')).toBe('size 1')
})

test('the draft of a process that died is taken away', async () => {
  writeFileSync(`${path}.next`, 'size')
  utimesSync(`${path}.next`, new Date(0), new Date(0))
  const file = open()

  file.note('size 1', 1)
  await file.close()

  expect(readFileSync(path, 'utf8')).toBe('size 1')
  expect(existsSync(`${path}.next`)).toBe(false)
})

test('a failure to write is logged and stops nobody', async () => {
  const warnings: unknown[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (...said: unknown[]) => void warnings.push(said) }
  const file = new HighWaterFile({ path: join(folder, 'gone', 'high.water'), sizeOf, logger })

  file.note('size 1', 1)
  await file.close()

  expect(warnings).toMatchObject([['a file beside the database was not written', { path: expect.any(String) }]])
})

test('there is nothing to read where nothing was written', async () => {
  expect(await open().read()).toBeUndefined()
})
