// Several real processes on one database file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

let program: ChildProgram
let folder: string
let path: string
let files = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-processes-'))
  program = await buildChild(new URL('./store-child.ts', import.meta.url))
})
beforeEach(() => {
  path = join(folder, `${++files}.db`)
})
afterAll(() => {
  program.remove()
  rmSync(folder, { recursive: true, force: true })
})

test('no update is lost when three processes race on one key', async () => {
  const children = Array.from({ length: 3 }, () => program.start(path, 'count', 'counter', '60'))
  const endings = await Promise.all(children.map((child) => child.rest()))

  const store = await openEmbeddedStore({ path })
  expect(endings).toEqual(Array(3).fill(['ready', 'done']))
  expect((await store.get('counter'))?.value).toBe(180)
  await store.close()
})

test('processes that create the same file at the same moment all succeed', async () => {
  const children = Array.from({ length: 4 }, (_, at) => program.start(path, 'create', `child/${at}`))
  const endings = await Promise.all(children.map((child) => child.rest()))

  const store = await openEmbeddedStore({ path })
  expect(endings).toEqual(Array(4).fill(['created']))
  expect(await store.range('child/')).toHaveLength(4)
  await store.close()
})

test.each([1, 2, 3, 4])('kill -9 loses no answered commit and halves none (kill %i)', async (round) => {
  const child = program.start(path, 'write')
  const answered: string[] = []
  while (answered.length < 150 * round) answered.push((await child.line()) ?? '')
  await child.kill()
  answered.push(...(await child.rest()))

  const store = await openEmbeddedStore({ path })
  const written = await store.range<{ own: number }>('written/')
  const found = new Set(written.map(({ value }) => String(value.own)))
  const twins = await store.range<number>('twin/')
  expect(answered.filter((own) => !found.has(own))).toEqual([])
  expect(new Set(twins.map(({ value }) => String(value)))).toEqual(found)
  await store.close()
})

test('the event loop goes on while another process holds the lock, and the commit follows', async () => {
  const store = await openEmbeddedStore({ path })
  await store.commit([{ key: 'a', value: 1, expect: 'absent' }])
  const child = program.start(path, 'lock', '300')
  expect(await child.line()).toBe('locked')

  let turns = 0
  const counting = setInterval(() => turns++, 1)
  let longest = 0
  let last = performance.now()
  const measuring = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 1)
  await store.commit([{ key: 'a', value: 2, expect: 'any' }])
  clearInterval(counting)
  clearInterval(measuring)

  expect(await child.line()).toBe('released')
  expect(turns).toBeGreaterThan(10)
  // A synchronous wait would have shown as one gap of the whole time.
  expect(longest).toBeLessThan(250)
  await store.close()
})

test('reads work while another process holds the lock', async () => {
  const store = await openEmbeddedStore({ path })
  await store.commit([{ key: 'a', value: 1, expect: 'absent' }])
  const child = program.start(path, 'lock', '100')
  await child.line()

  expect((await store.get('a'))?.value).toBe(1)

  await child.rest()
  await store.close()
})

test('a lock that nobody releases ends in one clear error, and the store works on afterwards', async () => {
  const store = await openEmbeddedStore({ path, busyTimeoutMs: 30 })
  const child = program.start(path, 'lock', '60000')
  await child.line()

  await expect(store.commit([{ key: 'a', value: 1, expect: 'absent' }])).rejects.toMatchObject({
    code: 'IF_ERR_STORE_UNAVAILABLE',
    message: expect.stringContaining('another process holds the write lock'),
  })
  await child.kill()
  await store.commit([{ key: 'a', value: 1, expect: 'absent' }])

  expect((await store.get('a'))?.value).toBe(1)
  await store.close()
})
