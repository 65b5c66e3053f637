import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openEmbeddedStore, openMemoryStore } from '../../../src/store/index.ts'
import { describeStore, type Engine } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'ifab-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

const ENGINES: Engine[] = [
  { name: 'memory', open: openMemoryStore },
  { name: 'embedded', open: (options) => openEmbeddedStore({ path: join(folder, `${++files}.db`), ...options }) },
  {
    name: 'relaxed embedded',
    open: (options) => openEmbeddedStore({ path: join(folder, `${++files}.db`), durability: 'relaxed', ...options }),
  },
]

for (const engine of ENGINES) describeStore(engine)
