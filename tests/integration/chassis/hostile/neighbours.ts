// Two modules that mean well, a script and a core module, called without a pause for as long as somebody attacks.
import { deepEqual } from 'node:assert/strict'
import type { Chassis } from '../../../../src/chassis/port.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { coreEcho } from './core-module.ts'

const AMPLE = { max_cpu_percent: 400 }

export const NEIGHBOURS = [
  // It also tells whether anybody has touched what all scripts have.
  guestModule(
    'good-script',
    `const alone = Object.keys(globalThis).join()
     export const execute = (input) => ({ input, alone, own: typeof [].hacked + typeof Object.prototype.hacked })`,
    AMPLE,
  ),
  coreEcho('good-core', AMPLE),
]

/** Asks each once and looks at what it says. */
export async function askNeighbours(pool: Chassis, n: number): Promise<void> {
  const [script, core] = await Promise.all(
    NEIGHBOURS.map((module) => pool.run({ module, export: 'execute', input: { n } })),
  )
  deepEqual(script?.output, { input: { n }, alone: '', own: 'undefinedundefined' })
  deepEqual(core?.output, { n })
}

/** Asks them again and again while something goes on, and once after; how often that was. */
export async function besideNeighbours<T>(pool: Chassis, doing: Promise<T>): Promise<{ result: T; asked: number }> {
  let isOver = false
  const over = doing.finally(() => {
    isOver = true
  })
  // Whoever waits for the neighbours alone must not be told of this one as unhandled.
  over.catch(() => undefined)
  let asked = 0
  while (!isOver) await askNeighbours(pool, asked++)
  await askNeighbours(pool, asked++)
  return { result: await over, asked }
}
