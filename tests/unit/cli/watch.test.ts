import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CoordinatorStats, Task } from '../../../src/coordinator/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { until } from './run-cli.ts'
import { openTaskRig, type TaskRig } from './task-rig.ts'

let rig: TaskRig
beforeEach(async () => {
  rig = await openTaskRig()
})
afterEach(() => rig.close())

const linesOf = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

describe('--watch', () => {
  it('of a list gives each task as JSON whenever it moves, until Ctrl-C', async () => {
    await rig.coordinator.add({ kind: 'k', id: 'old' })
    const started = rig.start(['task', 'list', '--watch', '--json'])
    await until(() => started.stdout().includes('old'))

    await rig.coordinator.add({ kind: 'k', id: 'new' })
    await until(() => started.stdout().includes('new'))
    const { token } = await rig.coordinator.claim({ swarm: 's', worker: 'w' }, 'new')
    await rig.coordinator.complete('new', token)
    await until(() => started.stdout().includes('"done"'))
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
    const states = linesOf<Task>(started.stdout()).map(({ id, state }) => `${id} ${state}`)
    expect(states[0]).toBe('old open')
    expect(states.at(-1)).toBe('new done')
    expect(started.stderr()).toBe('')
  })

  it('of a list keeps to what was asked for', async () => {
    const started = rig.start(['task', 'list', '--watch', '--kind', 'a'])
    await until(() => started.stdout() !== '' || started.stderr() === '')

    await rig.coordinator.add({ kind: 'b', id: 'other' })
    await rig.coordinator.add({ kind: 'a', id: 'mine' })
    await until(() => started.stdout().includes('mine'))
    started.signal('SIGTERM')

    expect(await started.code).toBe(143)
    expect(started.stdout()).toMatch(/^\d\d:\d\d:\d\d mine a open\n$/)
  })

  it('of one task ends when it is done, and tells a failed one by its exit code', async () => {
    await rig.coordinator.add([
      { kind: 'k', id: 'good' },
      { kind: 'k', id: 'bad' },
    ])
    const good = rig.start(['task', 'show', 'good', '--watch', '--json'])
    const bad = rig.start(['task', 'show', 'bad', '--watch'])
    await until(() => good.stdout() !== '' && bad.stdout() !== '')

    await rig.coordinator.cancel('bad', { why: 'no' })
    const { token } = await rig.coordinator.claim({ swarm: 's', worker: 'w' }, 'good')
    await rig.coordinator.complete('good', token, { n: 1 })

    expect([await good.code, await bad.code]).toEqual([0, 1])
    expect(linesOf<Task>(good.stdout()).at(-1)).toMatchObject({ state: 'done', result: { n: 1 }, payload: null })
    expect(bad.stdout()).toMatch(/bad k open\n.*bad k failed · /)
  })

  it('of the status gives a line for each change of the figures, not for time that passes', async () => {
    const started = rig.start(['coordinator', 'status', '--watch', '--json'])
    await until(() => started.stdout() !== '')

    await rig.coordinator.add({ kind: 'k' })
    await until(() => linesOf(started.stdout()).length > 1)
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
    const lines = linesOf<CoordinatorStats & { way: unknown }>(started.stdout())
    expect(lines.map(({ tasks }) => tasks.open)).toEqual([0, 1])
    expect(lines[0]?.way).toEqual({ kind: 'home', home: '/srv/ana/.ifab' })
  })

  it('of the swarms, as text, goes on while nothing moves', async () => {
    const started = rig.start(['coordinator', 'swarms', '--watch'])
    await until(() => started.stdout() !== '')
    // Longer than the beat, so that at least one look came without a move.
    await new Promise((resolve) => setTimeout(resolve, 1_300))

    await rig.coordinator.add({ kind: 'k', swarm: 'photos' })
    await until(() => started.stdout().includes('photos'))
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
    expect(started.stdout()).toMatch(/^\d\d:\d\d:\d\d no swarms\n\d\d:\d\d:\d\d photos 1 unfinished, 0 held\n$/)
  })

  it('redraws in place on a terminal, cut to its size', async () => {
    await rig.coordinator.add(Array.from({ length: 50 }, (_, at) => ({ kind: 'k', id: `task-${at}` })))
    const list = rig.start(['task', 'list', '--watch', '--limit', '100'], { terminal: true, env: { NO_COLOR: '1' } })
    const swarms = rig.start(['coordinator', 'swarms', '--watch'], { terminal: true, env: { NO_COLOR: '1' } })
    await until(() => list.stdout() !== '' && swarms.stdout() !== '')

    expect(list.stdout().split('\n').length).toBeLessThanOrEqual(30)
    expect(list.stdout()).toContain('Ctrl-C ends')
    await rig.coordinator.add({ kind: 'k', id: 'new', swarm: 'photos' })
    await until(() => list.stdout().includes('new') && swarms.stdout().includes('photos'))
    list.signal('SIGINT')
    swarms.signal('SIGINT')

    expect([await list.code, await swarms.code]).toEqual([130, 130])
    expect(list.stdout()).toContain('A\u001b[0J')
  })

  it('ends with what went wrong where the daemon goes away', async () => {
    const gone = new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the daemon is gone', { next: 'ifab up' })
    const other = await openTaskRig({
      coordinator: async () =>
        Object.assign(Object.create(rig.coordinator), {
          stats: () => rig.coordinator.stats(),
          watch: async function* () {
            yield await Promise.reject(gone)
          },
        }),
    })

    const result = await other.ifab(['coordinator', 'status', '--watch'])
    await other.close()

    expect(result.stderr).toContain('the daemon is gone')
    expect(result.stderr).toContain('Next: ifab up')
    expect(result.code).toBe(7)
  })
})
