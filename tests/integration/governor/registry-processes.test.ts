// Swarms are registered by many processes; each knows them all, and what a killed one had registered stays.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openRegistry, RESOURCE_POLICIES, type Registry } from '../../../src/governor/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { openWitness, type Witness } from '../../../src/witness/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

let program: ChildProgram
let home: string
let witness: Witness
let store: Store
let registry: Registry

beforeAll(async () => {
  program = await buildChild(new URL('./registry-child.ts', import.meta.url))
})
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ifab-registry-'))
  witness = await openWitness({ home })
  store = await openEmbeddedStore({ path: join(home, 'fabric.db'), sequencer: witness.sequencer })
  registry = await openRegistry({ store, clock: systemClock })
})
afterEach(async () => {
  registry.close()
  await store.close()
  await witness.close()
  rmSync(home, { recursive: true, force: true })
})
afterAll(() => program.remove())

const question = (need: string) => ({ needs: [need], hours: 1, policy: RESOURCE_POLICIES.default })

it('two processes that register at once lose nothing, and a third finds help from both', async () => {
  const lines = (await Promise.all(['a', 'b'].map((name) => program.start(home, name, '20').rest()))).flat()

  const swarms = [...lines.filter((line) => /^[ab]-\d+$/.test(line)), 'shared'].sort()
  expect(swarms).toHaveLength(41)
  await expect.poll(() => registry.list().map(({ swarm }) => swarm)).toEqual(swarms)
  expect(registry.findHelp(question('skill:a')).assignee?.swarm).toBe('a-0')
  expect(registry.findHelp(question('skill:b')).assignee?.swarm).toBe('b-0')
})

it('what a process had registered when it was killed stays', async () => {
  const child = program.start(home, 'a', '500')
  const said: string[] = []
  while (said.length < 10) said.push((await child.line()) ?? '')
  await child.kill()

  await expect.poll(() => said.filter((swarm) => registry.get(swarm) === undefined)).toEqual([])
  expect((await witness.verify(store)).ok).toBe(true)
})
