// Files and disks that are not as they should be: one clear error each, nothing half-written.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-trouble-'))
  path = join(folder, 'fabric.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mounted = (...args: string[]): boolean => {
  try {
    execFileSync('mount', args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const unmount = (at: string) => execFileSync('umount', ['-l', at], { stdio: 'ignore' })

const tamper = (sql: string) => {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

const fill = async (store: Store, count: number) => {
  for (let at = 0; at < count; at++) {
    await store.commit([{ key: `k/${at}`, value: 'x'.repeat(100), expect: 'any' }])
  }
}

describe('a file', () => {
  test('of a newer version is refused, naming who wrote it and what to do', async () => {
    await (await openEmbeddedStore({ path, writtenBy: '9.8.7' })).close()
    tamper("UPDATE meta SET value = '2' WHERE name = 'schema.version'")

    const opening = openEmbeddedStore({ path })

    await expect(opening).rejects.toMatchObject({
      code: 'IF_ERR_STORE_TOO_NEW',
      message: expect.stringMatching(
        /fabric\.db: InfraFabric 9\.8\.7 wrote this database \(schema 2\).*up to schema 1/,
      ),
      hint: expect.stringContaining('Install InfraFabric 9.8.7'),
    })
  })

  test('that a newer version takes over meanwhile is not written to any more', async () => {
    const store = await openEmbeddedStore({ path })
    await fill(store, 1)
    tamper("UPDATE meta SET value = '2' WHERE name = 'schema.version'; INSERT INTO journal VALUES (2, '2' || char(10))")

    await expect(fill(store, 1)).rejects.toMatchObject({ code: 'IF_ERR_STORE_TOO_NEW' })

    await store.close()
  })

  test('that is not a database is refused and left as it is', async () => {
    writeFileSync(path, 'To do: buy milk.\n'.repeat(500))

    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      message: `${path}: the file is not a database`,
      hint: expect.stringContaining('Restore a backup'),
    })
    expect(statSync(path).size).toBe(8_500)
  })

  test('that was cut in the middle is refused', async () => {
    const store = await openEmbeddedStore({ path, snapshotAfter: 1_000 })
    await fill(store, 100)
    await store.close()
    tamper('PRAGMA wal_checkpoint(TRUNCATE)')
    const copy = join(folder, 'copy.db')
    copyFileSync(path, copy)
    truncateSync(copy, 2 * 4_096 + 100)

    await expect(openEmbeddedStore({ path: copy })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('copy.db: '),
    })
  })

  test.each([
    ['a torn row', 'UPDATE journal SET ops = substr(ops, 1, length(ops) - 3) WHERE seq = 2', /row 2 of the journal/],
    ['a missing row', 'DELETE FROM journal WHERE seq = 2', /row 2 of the journal/],
  ])('with %s in its journal is refused, naming the row', async (_, sql, message) => {
    const store = await openEmbeddedStore({ path })
    await fill(store, 4)
    await store.close()
    tamper(sql)

    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      message: expect.stringMatching(message),
    })
  })

  test.each([
    ['a torn slice', 'UPDATE snapshot SET records = substr(records, 1, 20)'],
    ['a missing slice', 'DELETE FROM snapshot'],
  ])('with %s in its snapshot is refused', async (_, sql) => {
    const store = await openEmbeddedStore({ path, snapshotAfter: 100 })
    await fill(store, 10)
    await store.close()
    tamper(sql)

    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      message: `${path}: the snapshot of the records is damaged`,
    })
  })

  test('whose journal lost all rows behind the snapshot is refused', async () => {
    const store = await openEmbeddedStore({ path, snapshotAfter: 100 })
    await fill(store, 10)
    await store.close()
    tamper('DELETE FROM journal')

    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
  })

  test('in a folder that does not exist cannot be opened', async () => {
    await expect(openEmbeddedStore({ path: join(folder, 'no', 'fabric.db') })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      hint: expect.stringContaining('folder exists'),
    })
  })
})

describe('opened for reading only', () => {
  test('a store answers and refuses commits', async () => {
    const writer = await openEmbeddedStore({ path })
    await fill(writer, 3)

    const reader = await openEmbeddedStore({ path, readOnly: true })

    expect(await reader.range('k/')).toHaveLength(3)
    await expect(fill(reader, 1)).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
    await reader.close()
    await writer.close()
  })

  test('a file that is not there is not made', async () => {
    await expect(openEmbeddedStore({ path, readOnly: true })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
    })
    expect(() => statSync(path)).toThrow('ENOENT')
  })

  test('a database that holds no store is refused', async () => {
    tamper('CREATE TABLE other(a)')

    await expect(openEmbeddedStore({ path, readOnly: true })).rejects.toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      message: `${path}: the file holds no store`,
    })
  })
})

describe('a disk', () => {
  test('that is full rejects the commit, keeps memory and file as they were, and works again with space', async (context) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    if (!mounted('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk)) return context.skip('mounting is not permitted here')
    try {
      const ballast = join(disk, 'ballast')
      writeFileSync(ballast, Buffer.alloc(300_000))
      const store = await openEmbeddedStore({ path: join(disk, 'fabric.db') })
      await store.commit([{ key: 'a', value: 1, expect: 'absent' }])

      const failing = store.commit([
        { key: 'a', value: 2, expect: 'any' },
        { key: 'big', value: 'x'.repeat(900_000), expect: 'absent' },
      ])

      await expect(failing).rejects.toMatchObject({
        code: 'IF_ERR_STORE_UNAVAILABLE',
        message: expect.stringContaining(disk),
      })
      expect((await store.get('a'))?.value).toBe(1)
      expect(await store.get('big')).toBeUndefined()
      rmSync(ballast)
      await store.commit([{ key: 'a', value: 3, expect: 'any' }])
      await store.close()
      const again = await openEmbeddedStore({ path: join(disk, 'fabric.db') })
      expect((await again.range('')).map(({ key, value }) => [key, value])).toEqual([['a', 3]])
      await again.close()
    } finally {
      unmount(disk)
    }
  })

  test('that is read-only lets an existing store be read and gives one clear error for all else', async (context) => {
    const [real, readOnly] = [join(folder, 'real'), join(folder, 'read-only')]
    mkdirSync(real)
    mkdirSync(readOnly)
    if (!mounted('--bind', real, readOnly)) return context.skip('mounting is not permitted here')
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', readOnly])
      const writer = await openEmbeddedStore({ path: join(real, 'fabric.db') })
      await fill(writer, 1)

      const store = await openEmbeddedStore({ path: join(readOnly, 'fabric.db') })
      await expect(fill(store, 1)).rejects.toMatchObject({
        code: 'IF_ERR_STORE_UNAVAILABLE',
        message: `${join(readOnly, 'fabric.db')}: the file or its folder is read-only`,
      })
      expect(await store.range('k/')).toHaveLength(1)
      await expect(openEmbeddedStore({ path: join(readOnly, 'new.db') })).rejects.toMatchObject({
        code: 'IF_ERR_STORE_UNAVAILABLE',
        message: `${join(readOnly, 'new.db')}: cannot be opened`,
      })
      await store.close()
      await writer.close()
    } finally {
      unmount(readOnly)
    }
  })
})
