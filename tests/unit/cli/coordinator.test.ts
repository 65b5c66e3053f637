import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fabric, Way } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { runCli } from './run-cli.ts'
import { openTaskRig, type TaskRig } from './task-rig.ts'

const DAEMON: Way = {
  kind: 'daemon',
  address: 'unix:/srv/ana/.ifab/ifab.sock',
  version: '0.1.0',
  context: null,
  isLocal: true,
}

let rig: TaskRig
beforeEach(async () => {
  rig = await openTaskRig()
})
afterEach(() => rig.close())

describe('ifab coordinator status and swarms', () => {
  it('says where tasks stand and by which way it knows', async () => {
    await rig.coordinator.add([
      { kind: 'k', id: 'a', swarm: 'photos' },
      { kind: 'k', id: 'b', after: ['a'] },
    ])
    await rig.coordinator.claim({ swarm: 'crew', worker: 'w' }, 'a')

    const status = await rig.ifab(['coordinator', 'status'])
    const swarms = await rig.ifab(['coordinator', 'swarms'])

    expect(status.stdout).toContain('tasks    open 1 · claimed 1 · blocked 0 · done 0 · failed 0 · dead 0')
    expect(status.stdout).toContain('open     0 ready · 1 waiting for others · 0 for their time')
    expect(status.stdout).toContain('way      home /srv/ana/.ifab, opened by this command')
    expect(status.stderr).toBe('Next: ifab coordinator status --watch\n')
    expect(swarms.stdout).toMatch(
      /^swarm +unfinished +held +workers\ncrew +0 +1 +0\ndefault +1 +0 +0\nphotos +1 +0 +0\n$/,
    )
  })

  it('counts workers through a daemon, and is data under --json', async () => {
    const served = await openTaskRig({ way: DAEMON })
    const worker = served.coordinator.worker({ swarm: 's' }, () => null)

    const text = await served.ifab(['coordinator', 'status'])
    const json = await served.json(['coordinator', 'status'])
    const swarms = await served.json<unknown[]>(['coordinator', 'swarms'])
    await worker.close()
    await served.close()

    expect(text.stdout).toContain('workers  1, working on 0 tasks')
    expect(text.stdout).toContain('way      daemon unix:/srv/ana/.ifab/ifab.sock (0.1.0)')
    expect(json).toMatchObject({ tasks: { open: 0 }, workers: 1, way: DAEMON })
    expect(swarms).toEqual([{ swarm: 's', unfinished: 0, held: 0, workers: 1 }])
  })

  it('points at what needs somebody', async () => {
    const next = async () => (await rig.ifab(['coordinator', 'status'])).stderr.trim()
    expect(await next()).toBe('Next: ifab task add KIND')
    await rig.coordinator.add({ kind: 'k', id: 'a', attempts: 1 })
    expect(await next()).toBe('Next: ifab task claim')

    const { token } = await rig.coordinator.claim({ swarm: 's', worker: 'w' }, 'a')
    await rig.coordinator.fail('a', token, 'no')
    expect(await next()).toBe('Next: ifab task list --state dead')

    await rig.coordinator.add({ kind: 'k', id: 'b' })
    const claim = await rig.coordinator.claim({ swarm: 's', worker: 'w' }, 'b')
    await rig.coordinator.block('b', claim.token, { type: 'needs-answer', description: 'd' })
    expect(await next()).toBe('Next: ifab task list --state blocked')
  })
})

describe('ifab coordinator health', () => {
  it('is well where nothing waits', async () => {
    const { code, stdout, stderr } = await rig.ifab(['coordinator', 'health'])

    expect(stdout).toMatch(/✓ +daemon +none answers, so/)
    expect(stdout).toMatch(/✓ +store +took a commit in \d+\.\d ms/)
    expect(stdout).toMatch(/✓ +oldest +no task waits/)
    expect([code, stderr]).toEqual([0, 'Next: ifab coordinator status\n'])
  })

  it('exits 1 with the command that helps for each thing that is wrong', async () => {
    await rig.coordinator.add([
      { kind: 'k', id: 'a', attempts: 1 },
      { kind: 'k', id: 'b' },
      { kind: 'k', id: 'c' },
    ])
    const a = await rig.coordinator.claim({ swarm: 's', worker: '1' }, 'a')
    await rig.coordinator.fail('a', a.token, 'no')
    const b = await rig.coordinator.claim({ swarm: 's', worker: '2' }, 'b')
    await rig.coordinator.block('b', b.token, { type: 'needs-answer', description: 'd' })
    await new Promise((resolve) => setTimeout(resolve, 5)) // older than 0 ms, whatever the clock's grain

    const { code, stdout } = await rig.ifab(['coordinator', 'health', '--oldest', '0ms'])
    const json = await rig.ifab(['coordinator', 'health', '--json'])

    expect(stdout).toMatch(/✗ +oldest +1 task ready, the oldest for .+, more than 0 ms: no worker takes it/)
    expect(stdout).toMatch(/✗ +blocked +1 task: .+ Next: ifab task list --state blocked/)
    expect(stdout).toMatch(/✗ +dead +1 task: .+ Next: ifab task list --state dead/)
    expect(code).toBe(1)
    const checks: { name: string; ok: boolean }[] = JSON.parse(json.stdout).checks
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['daemon', true],
      ['store', true],
      ['oldest', true],
      ['blocked', false],
      ['dead', false],
    ])
    expect([json.code, json.stderr]).toEqual([1, ''])
  })

  it('says so where the store takes no commit, or the daemon does not answer', async () => {
    const full = new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the disk is full', { hint: 'Make room.' })
    const stuck = await openTaskRig({
      way: DAEMON,
      coordinator: async () =>
        Object.assign(Object.create(rig.coordinator), {
          stats: () => rig.coordinator.stats(),
          probe: () => Promise.reject(full),
        }),
    })
    const gone = new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'nothing answers at https://x', { next: 'ifab up' })

    const noRoom = await stuck.ifab(['coordinator', 'health'])
    const noDaemon = await runCli(['coordinator', 'health'], { openFabric: () => Promise.reject<Fabric>(gone) })
    await stuck.close()

    expect(noRoom.stdout).toMatch(/✓ +daemon +answers: daemon unix:/)
    expect(noRoom.stdout).toMatch(/✗ +store +the disk is full +Next: Make room\./)
    expect(noDaemon.stdout).toMatch(/^✗ +daemon +nothing answers at https:\/\/x +Next: ifab up\n$/)
    expect([noRoom.code, noDaemon.code]).toEqual([1, 1])
  })
})
