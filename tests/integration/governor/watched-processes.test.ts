// Breakers and freezes are of the home, not of a process: what one learns or decides holds for all.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openBreakers, openFreezes } from '../../../src/governor/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { openWitness, type Witness } from '../../../src/witness/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'

const ANA = { actor: 'if://person/ana', session: 's1', why: 'invoices went out twice' }

let program: ChildProgram
let folder: string
let store: Store
let witness: Witness
const children: Child[] = []
let orders = 0

beforeAll(async () => {
  program = await buildChild(new URL('./watch-child.ts', import.meta.url))
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-watched-'))
  witness = await openWitness({ home: folder })
  store = await openEmbeddedStore({ path: join(folder, 'fabric.db'), sequencer: witness.sequencer })
})
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await store.close()
  await witness.close()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => program.remove())

async function start(...names: string[]): Promise<Child[]> {
  const started = names.map((name) => program.start(join(folder, 'fabric.db'), name))
  children.push(...started)
  for (const child of started) expect(await child.line()).toBe('ready')
  return started
}

/** One commit, so that all read it at the same moment. */
const order = (what: string | number, ...names: string[]) =>
  store.commit(names.map((name) => ({ key: `order/${name}/${orders++}`, value: what, expect: 'absent' })))

const lineOf = (child: Child) => child.line()

it('a breaker that the failures of several processes opened is open in all of them', async () => {
  const started = await start('a', 'b', 'c')
  const breakers = await openBreakers({ store, clock: systemClock })

  for (const name of ['a', 'b', 'c', 'a', 'b']) await order('fail', name)
  const said = await Promise.all(started.map(lineOf))

  expect(said).toEqual(['breaker open', 'breaker open', 'breaker open'])
  await expect.poll(() => breakers.list()).toMatchObject([{ state: 'open', failures: 5 }])
  breakers.close()
})

it('exactly one of several processes is the probe, and another takes over when it was killed', async () => {
  const breakers = await openBreakers({ store, clock: systemClock, settings: { openMs: 0 } })
  for (let at = 0; at < 5; at++) await (await breakers.admit('instance', 'stripe')).ended('fault')
  const started = await start('a', 'b', 'c', 'd')

  await order(600_000, 'a', 'b', 'c', 'd')
  const first = await Promise.all(started.map(lineOf))
  await breakers.reset('instance', 'stripe', ANA)
  await Promise.all(started.map(lineOf)) // breaker closed
  for (let at = 0; at < 5; at++) await (await breakers.admit('instance', 'stripe')).ended('fault')
  await Promise.all(started.map(lineOf)) // breaker open
  await order(1, 'a')
  const prober = await started[0]?.line()
  await started[0]?.kill()
  await order(600_000, 'b', 'c', 'd')
  const second = await Promise.all(started.slice(1).map(lineOf))

  expect(first.sort()).toEqual(['IF_ERR_BREAKER_OPEN', 'IF_ERR_BREAKER_OPEN', 'IF_ERR_BREAKER_OPEN', 'probe'])
  expect(prober).toBe('probe')
  expect(second.sort()).toEqual(['IF_ERR_BREAKER_OPEN', 'IF_ERR_BREAKER_OPEN', 'probe'])
  breakers.close()
})

it('a freeze is heard of in every process, and stands for those that start after it', async () => {
  const started = await start('a', 'b')
  const freezes = await openFreezes({ store, clock: systemClock })

  await freezes.freeze({ swarm: 'desk' }, ANA)
  const other = await Promise.all(started.map(lineOf))
  await freezes.freeze({ all: true }, ANA)
  const all = await Promise.all(started.map(lineOf))
  freezes.close()
  const again = await openFreezes({ store, clock: systemClock })

  expect(other).toEqual(['something else frozen', 'something else frozen'])
  expect(all).toEqual(['stripe frozen', 'stripe frozen'])
  expect(again.list()).toHaveLength(2)
  again.close()
})
