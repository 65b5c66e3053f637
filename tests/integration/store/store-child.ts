// Another process on the same database file: `node store-child FILE COMMAND…`.
import { writeSync } from 'node:fs'
import Database from 'libsql'
import { openEmbeddedStore } from '../../../src/store/index.ts'

const [path = '', command, ...args] = process.argv.slice(2)

// Synchronous, so that a line is out before a kill that follows it.
const say = (text: string) => writeSync(1, `${text}\n`)

const COMMANDS: Record<string, () => Promise<void>> = {
  /** Adds one to a counter so many times, reading it again whenever somebody else was faster. */
  async count() {
    const [key = '', times = '0', threads] = args
    const store = await openEmbeddedStore({ path, ...(threads === 'threads' ? { threadsAfter: 0 } : {}) })
    // Enough of them that a thread takes the commit.
    const others = threads === 'threads' ? Array.from({ length: 40 }, (_, at) => `${process.pid}/${at}`) : []
    say('ready')
    for (let done = 0; done < Number(times); ) {
      const current = await store.get<number>(key)
      const swap = { key, value: (current?.value ?? 0) + 1, expect: current?.revision ?? ('absent' as const) }
      const blind = others.map((other) => ({ key: other, value: done, expect: 'any' as const }))
      done += await store.commit([swap, ...blind]).then(
        () => 1,
        (thrown: { code?: string }) => {
          if (thrown.code === 'IF_ERR_CONFLICT') return 0
          throw thrown
        },
      )
    }
    await store.close()
    say('done')
  },
  /** Writes records in several commits at once and says the number of each that was answered, until it is killed. */
  async write() {
    const durability = args[0] === 'relaxed' ? 'relaxed' : 'fsync'
    const threads = args[0] === 'threads' ? { threadsAfter: 0 } : {}
    const store = await openEmbeddedStore({ path, snapshotAfter: 20_000, durability, ...threads })
    let next = 0
    const worker = async () => {
      for (;;) {
        const own = next++
        await store.commit([
          { key: `written/${own}`, value: { own, filler: 'x'.repeat(200) }, expect: 'absent' },
          { key: `twin/${own}`, value: own, expect: 'absent' },
        ])
        say(String(own))
      }
    }
    await Promise.all(Array.from({ length: args[0] === 'threads' ? 24 : 8 }, worker))
  },
  /** Holds the write lock for a time. */
  async lock() {
    const database = new Database(path)
    database.exec('BEGIN IMMEDIATE')
    say('locked')
    await new Promise((resolve) => setTimeout(resolve, Number(args[0])))
    database.exec('COMMIT')
    say('released')
  },
  /** Opens a file that may not exist yet, writes one record and ends. */
  async create() {
    const [key = ''] = args
    const store = await openEmbeddedStore({ path })
    await store.commit([{ key, value: process.pid, expect: 'absent' }])
    await store.close()
    say('created')
  },
}

await COMMANDS[command ?? '']?.()
