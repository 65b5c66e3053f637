import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Claim, Task } from '../../../src/coordinator/index.ts'
import { errorIn, openTaskRig, type TaskRig } from './task-rig.ts'

let rig: TaskRig
let folder: string
beforeEach(async () => {
  rig = await openTaskRig()
  folder = await mkdtemp(join(tmpdir(), 'ifab-cli-'))
})
afterEach(async () => {
  await rig.close()
  await rm(folder, { recursive: true, force: true })
})

const short = (id: string): string => id.slice(-8).toLowerCase()

describe('ifab task add', () => {
  it('adds one task with words as its payload and says what to type next', async () => {
    const result = await rig.ifab(['task', 'add', 'resize', 'image=cat.png', 'width:=640', '--swarm', 'photos'])

    const [task] = await rig.coordinator.list()
    const name = short(task?.id ?? '')
    expect(result.stdout).toBe(`✓ ${name} resize open · swarm photos\n`)
    expect(result.stderr).toBe(`Next: ifab task show ${name} --watch    Take it: ifab task claim ${name}\n`)
    expect(await rig.coordinator.payload(task?.id ?? '')).toEqual({ image: 'cat.png', width: 640 })
  })

  it('takes every flag, times from now as well as dates, and short ids of what it waits for', async () => {
    const first = await rig.coordinator.add({ kind: 'buy' })
    const now = Date.parse('2026-11-25T00:00:00Z')

    const task = await rig.json<Task>(
      [
        ...['task', 'add', 'ship', '--id', 'ship-1', '--priority', '-5', '--attempts', '7'],
        ...['--needs', 'post:send', '--needs', 'box:pack', '--after', short(first.id)],
        ...['--not-before', '10m', '--deadline', '2030-01-01T00:00:00+01:00'],
      ],
      { now: () => now },
    )

    expect(task).toMatchObject({
      id: 'ship-1',
      priority: -5,
      attempts: 7,
      capabilities: ['box:pack', 'post:send'],
      after: [first.id],
      notBefore: '2026-11-25T00:10:00.000Z',
      deadline: '2029-12-31T23:00:00.000Z',
    })
  })

  it('reads the payload from JSON, with key=value on top', async () => {
    const file = join(folder, 'payload.json')
    await writeFile(file, '{\n  "a": 1,\n  "b": 2\n}\n')

    const fromFile = await rig.json<Task>(['task', 'add', 'k', '--input', file, 'b=x'])
    const inline = await rig.json<Task>(['task', 'add', 'k', '--input', '[1,2]'])

    expect(await rig.coordinator.payload(fromFile.id)).toEqual({ a: 1, b: 'x' })
    expect(await rig.coordinator.payload(inline.id)).toEqual([1, 2])
  })

  it('adds one task of the kind for each line of standard input', async () => {
    const result = await rig.ifab(['task', 'add', 'resize', '--swarm', 's', '--input', '-'], {
      stdin: '{"n":1}\n\n{"n":2}\n',
    })

    const tasks = await rig.coordinator.list({ swarm: 's' })
    expect(result.stdout).toMatch(/^✓ 2 tasks added: [0-9a-z]{8}, [0-9a-z]{8}\n$/)
    expect(await Promise.all(tasks.map(({ id }) => rig.coordinator.payload(id)))).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('adds whole tasks that wait for each other, by lines or as an array, more than one message takes', async () => {
    const lines = await rig.json<Task[]>(['task', 'add', '--input', '-'], {
      stdin: '{"kind":"a","id":"a"}\n{"kind":"b","id":"b","after":["a"]}\n',
    })
    const many = Array.from({ length: 1_200 }, (_, at) => ({ kind: 'n', payload: at }))
    const array = await rig.ifab(['task', 'add', '--input', '-'], { stdin: JSON.stringify(many) })

    expect(lines.map(({ id, waitsFor }) => [id, waitsFor])).toEqual([
      ['a', []],
      ['b', ['a']],
    ])
    expect(array.stdout).toContain('✓ 1200 tasks added: ')
    expect((await rig.coordinator.stats()).tasks.open).toBe(1_202)
  })

  it('says how far it came when a later part of many is refused', async () => {
    const many = [...Array.from({ length: 1_000 }, () => ({ kind: 'n' })), { kind: 'n', after: ['nowhere'] }]
    const result = await rig.ifab(['task', 'add', '--input', '-', '--json'], { stdin: JSON.stringify(many) })

    expect(errorIn(result)).toMatchObject({ code: 'IF_ERR_REFERENCE', details: { added: 1_000 } })
    expect(errorIn(result).message).toContain('the first 1000 tasks are added, no others')
  })

  it.each([
    [['task', 'add'], '', 'needs KIND, or --input with whole tasks'],
    [['task', 'add', 'bad kind'], '', 'task: kind: expected letters'],
    [['task', 'add', 'k', '--needs', 'Nope'], '', 'domain:skill'],
    [['task', 'add', 'k', '--priority', '2000'], '', '--priority expects a whole number from -1000 to 1000'],
    [['task', 'add', 'k', '--deadline', 'tomorrow'], '', '--deadline expects a time from now such as 10m'],
    [['task', 'add', 'k', '--deadline', '2026-13-01T00:00:00Z'], '', '--deadline expects'],
    [['task', 'add', '--input', '-'], '{"kind":"a"}\n{"kid":"b"}', 'standard input:2: kind: is missing'],
    [['task', 'add', '--input', '-'], '[{"kind":"a"},3]', 'standard input[1]: '],
    [['task', 'add', '--input', '-'], '', 'standard input: expected JSON, and it is empty'],
    [['task', 'add', '--input', '-'], '{"kind":"a"}\n{', 'standard input:2: not JSON'],
    [['task', 'add', '--input', '/nowhere.json'], '', '--input /nowhere.json: the file cannot be read (ENOENT)'],
    [['task', 'add', '--input', '[]', '--swarm', 's'], '', '--swarm needs KIND'],
    [['task', 'add', 'k', 'a=1', '--input', '[]'], '', 'key=value goes on top of an object'],
    [['task', 'add', 'k', 'a=1', '--input', '-'], '1\n2', '2 payloads leave no room for key=value or --id'],
  ])('refuses %j with %j on stdin', async (words, stdin, message) => {
    const result = await rig.ifab(words, { stdin })

    expect(result.stderr).toContain(message)
    expect([result.code, result.stdout]).toEqual([2, ''])
  })

  it('refuses an id that is taken', async () => {
    await rig.coordinator.add({ kind: 'k', id: 'one' })

    const result = await rig.ifab(['task', 'add', 'k', '--id', 'one'])

    expect([result.code, result.stderr.includes('ifab task show one')]).toEqual([6, true])
  })
})

describe('ifab task list and show', () => {
  it('lists the newest first, with what there is to say of each', async () => {
    await rig.coordinator.add([
      { kind: 'buy', id: 'first', swarm: 'shop' },
      { kind: 'ship', id: 'second', after: ['first'] },
      { kind: 'stop', id: 'third' },
    ])
    await rig.coordinator.claim({ swarm: 'crew', worker: 'ana' }, 'first')
    const { token } = await rig.coordinator.claim({ swarm: 'crew', worker: 'ana' }, 'third')
    await rig.coordinator.block('third', token, { type: 'needs-answer', description: 'which one?' })

    const { stdout, stderr } = await rig.ifab(['task', 'list'])

    expect(stdout).toMatch(/^task +state +kind +swarm +try +added\n/)
    expect(stdout).toMatch(/first +claimed +buy +shop +1\/3 .+ by crew\/ana, token \d+/)
    expect(stdout).toMatch(/second +open +ship +default +0\/3 .+ waits for first/)
    expect(stdout).toMatch(/third +blocked +stop .+ needs-answer: which one\?/)
    expect(stderr).toMatch(/^Next: ifab task show /)
  })

  it('chooses by state, swarm and kind', async () => {
    await rig.coordinator.add([
      { kind: 'a', id: 'a1', swarm: 's' },
      { kind: 'b', id: 'b1', swarm: 's' },
      { kind: 'a', id: 'a2' },
    ])
    const ids = async (...words: string[]) =>
      (await rig.json<Task[]>(['task', 'list', ...words])).map(({ id }) => id).sort()

    expect(await ids('--kind', 'a')).toEqual(['a1', 'a2'])
    expect(await ids('--swarm', 's')).toEqual(['a1', 'b1'])
    expect(await ids('--state', 'done')).toEqual([])
    expect(await ids('--limit', '2')).toHaveLength(2)
    expect((await rig.ifab(['task', 'list', '--state', 'dead'])).stdout).toBe('no tasks\n')
  })

  it('shows everything of one task by a piece of its id, or as last', async () => {
    const task = await rig.coordinator.add({ kind: 'refund', payload: { amount: 5 }, capabilities: ['payment:refund'] })

    const text = await rig.ifab(['task', 'show', short(task.id)])
    const json = await rig.json(['task', 'show', 'last'])

    expect(text.stdout).toContain(`${short(task.id)} refund open · swarm default`)
    expect(text.stdout).toContain(`id       ${task.id}`)
    expect(text.stdout).toContain('payload  {"amount":5}')
    expect(text.stdout).toContain('needs    payment:refund')
    expect(text.stderr).toContain(`Next: ifab task claim ${short(task.id)}`)
    expect(json).toMatchObject({ id: task.id, payload: { amount: 5 } })
  })

  it('suggests a name that is near, and names two that a piece means', async () => {
    await rig.coordinator.add([
      { kind: 'k', id: 'invoice-1' },
      { kind: 'k', id: 'invoice-2' },
    ])

    const near = await rig.ifab(['task', 'show', 'invoise-1'])
    const two = await rig.ifab(['task', 'show', 'invoice'])

    expect([near.code, near.stderr.includes('Did you mean `invoice-1`')]).toEqual([4, true])
    expect(two.stderr).toContain('invoice names more than one task')
    expect(two.stderr).toContain('invoice-1')
    expect(two.code).toBe(4)
  })

  it('says that there are none yet', async () => {
    const result = await rig.ifab(['task', 'show', 'last'])

    expect(result.stderr).toContain('there are no tasks yet')
    expect(result.stderr).toContain('Next: ifab task add KIND')
  })
})

describe('ifab task claim', () => {
  it('prints payload, token and what can be typed with them', async () => {
    const { id } = await rig.coordinator.add({ kind: 'resize', payload: { image: 'cat.png' } })

    const { stdout, stderr } = await rig.ifab(['task', 'claim', '--swarm', 'photos', '--worker', 'w', '--lease', '1h'])

    expect(stdout).toContain(`✓ ${short(id)} resize · token 1 · lease 1 h · attempt 1 of 3 · held by photos/w`)
    expect(stdout).toContain('payload   {"image":"cat.png"}')
    for (const word of ['complete', 'fail', 'extend', 'release', 'block'])
      expect(stderr).toContain(`ifab task ${word} ${short(id)} --token 1`)
    expect(stderr).toContain(`export IFAB_CLAIM=${id}:1`)
  })

  it('gives the same worker, by flag or IFAB_WORKER, the same claim again', async () => {
    await rig.coordinator.add({ kind: 'k', id: 'one' })

    const first = await rig.json<Claim>(['task', 'claim', '--worker', 'w'])
    const again = await rig.json<Claim>(['task', 'claim', 'one'], { env: { IFAB_WORKER: 'w' } })
    const other = await rig.ifab(['task', 'claim', 'one'])

    expect([first.token, again.token, first.leaseMs]).toEqual([1, 1, 600_000])
    expect(other.stderr).toContain("task one can't be claimed: default/w holds it")
    expect(other.code).toBe(6)
  })

  it('prints null for nothing, and exits 0', async () => {
    const text = await rig.ifab(['task', 'claim', '--wait', '0s'])
    const json = await rig.ifab(['task', 'claim', '--wait', '1ms', '--json'])

    expect([text.stdout, text.code]).toEqual(['no task for swarm default is ready\n', 0])
    expect([json.stdout, json.stderr, json.code]).toEqual(['null\n', '', 0])
  })

  it('chooses by kind, by who asked and by what the worker can do', async () => {
    await rig.coordinator.add([
      { kind: 'a', id: 'a', swarm: 'x' },
      { kind: 'b', id: 'b', swarm: 'y' },
      { kind: 'c', id: 'c', capabilities: ['payment:refund'] },
    ])
    const claimed = async (...words: string[]) =>
      (await rig.json<Claim | null>(['task', 'claim', '--wait', '0s', ...words]))?.task.id

    expect(await claimed('--kind', 'b')).toBe('b')
    expect(await claimed('--from', 'x')).toBe('a')
    expect(await claimed()).toBeUndefined()
    expect(await claimed('--capability', 'payment:*')).toBe('c')
  })

  it('ends waiting at Ctrl-C with 130 and holds nothing', async () => {
    const started = rig.start(['task', 'claim', '--wait', '1h'])
    // The signal may come before the waiting has begun as well.
    started.signal('SIGINT')
    await new Promise((resolve) => setImmediate(resolve))
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
    expect(started.stderr()).toContain('none was taken')
    const { id } = await rig.coordinator.add({ kind: 'k' })
    expect((await rig.coordinator.get(id)).state).toBe('open')
  })

  it.each([
    [['task', 'claim', 'x', '--kind', 'k'], 'choose a task, and TASK names one', 2],
    [['task', 'claim', '--lease', '1ms'], 'a lease is', 2],
    [['task', 'claim', '--lease', 'long'], '--lease expects a time', 2],
    [['task', 'claim', '--swarm', 'no swarm'], 'swarm', 2],
    [['task', 'claim', 'nope'], 'there is no task "nope"', 4],
  ])('refuses %j', async (words, message, code) => {
    const result = await rig.ifab(words)

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(code)
  })
})

describe('what a holder says', () => {
  const claimed = async (id: string): Promise<Claim> => {
    await rig.coordinator.add({ kind: 'k', id })
    return rig.coordinator.claim({ swarm: 'crew', worker: 'ana' }, id)
  }

  it.each([
    [[], null],
    [['--result', '{"a":[1]}'], { a: [1] }],
    [['--result', '"text"'], 'text'],
    [['--result', '-12.5'], -12.5],
    [['--result', 'true'], true],
    [
      ['--result', 'file=cat.png', '--result', 'pages:=3', '--result', '1st=x'],
      { file: 'cat.png', pages: 3, '1st': 'x' },
    ],
    [['--result', '-'], { from: 'stdin' }],
  ])('completes with %j as its result', async (words, result) => {
    const { token } = await claimed('one')

    const task = await rig.json<Task>(['task', 'complete', 'one', '--token', String(token), ...words], {
      stdin: '{"from":"stdin"}',
    })

    expect(task).toMatchObject({ state: 'done', result })
  })

  it('says so again without harm, and never without the token', async () => {
    const { token } = await claimed('one')
    const complete = ['task', 'complete', 'one', '--token', String(token)]

    expect((await rig.ifab(['task', 'complete', 'one'])).stderr).toContain('--token N is needed')
    expect((await rig.ifab(complete)).code).toBe(0)
    expect((await rig.ifab(complete)).stdout).toContain('✓ one k done')
  })

  it('takes task and token from IFAB_CLAIM, which speaks for that task only', async () => {
    const { token } = await claimed('one')
    await claimed('two')
    const env = { IFAB_CLAIM: `one:${token}` }

    expect((await rig.ifab(['task', 'complete', 'two'], { env })).stderr).toContain('--token N is needed')
    expect((await rig.ifab(['task', 'extend', 'one'], { env })).stdout).toContain('for another')
    expect((await rig.ifab(['task', 'complete'], { env })).stdout).toBe('✓ one k done\n')
    expect((await rig.ifab(['task', 'complete'])).stderr).toContain('set IFAB_CLAIM=TASK:TOKEN')
    expect((await rig.ifab(['task', 'complete'], { env: { IFAB_CLAIM: 'one' } })).stderr).toContain(
      'IFAB_CLAIM expects TASK:TOKEN, got "one"',
    )
  })

  it('refuses an old token and names who holds the task', async () => {
    const { token } = await claimed('one')
    await rig.coordinator.release('one', token)
    await rig.coordinator.claim({ swarm: 'crew', worker: 'ben' }, 'one')

    const result = await rig.ifab(['task', 'complete', 'one', '--token', String(token)])

    expect(result.stderr).toContain(`IF_ERR_CLAIM_LOST: token ${token} of task one doesn't hold: crew/ben holds it`)
    expect(result.code).toBe(6)
  })

  it('fails an attempt, for good with --final', async () => {
    const first = await claimed('one')
    const second = await claimed('two')

    const again = await rig.json<Task>(['task', 'fail', 'one', '--token', String(first.token), '--error', 'no disk'])
    const final = await rig.ifab([
      'task',
      'fail',
      'two',
      '--token',
      String(second.token),
      '--error',
      'broken',
      '--final',
    ])
    const mute = await rig.ifab(['task', 'fail', 'two', '--token', '1'])

    expect(again).toMatchObject({ state: 'open', attempt: 1 })
    expect(final.stdout).toContain('✓ two k failed · broken')
    expect(final.stderr).toContain("Next: ifab task retry two --why '…'")
    expect([mute.code, mute.stderr.includes('--error is needed: say what went wrong')]).toEqual([2, true])
  })

  it('extends by another lease and gives back with a reason', async () => {
    const { token } = await claimed('one')

    const extended = await rig.json<Task>(['task', 'extend', 'one', '--token', String(token), '--lease', '2h'])
    const released = await rig.json<Task>(['task', 'release', 'one', '--token', String(token), '--why', 'shift over'])

    expect(extended.leaseMs).toBe(7_200_000)
    expect(released).toMatchObject({ state: 'open', attempt: 0 })
    expect(released.history.at(-1)).toMatchObject({ move: 'release', note: 'shift over' })
  })

  it('blocks with what a helper needs, and unblocks with an answer for the next claim', async () => {
    const { token } = await claimed('one')

    const blocked = await rig.json<Task>([
      ...['task', 'block', 'one', '--token', String(token), '--description', 'which invoice?'],
      ...['--needs', 'billing:ask', '--severity', 'high', '--handover', '{"seen":[1,2]}'],
    ])
    const page = await rig.ifab(['task', 'show', 'one'])
    const open = await rig.ifab(['task', 'unblock', 'one', '--why', 'the second', '--handover', '{"use":2}'])
    const next = await rig.ifab(['task', 'claim', 'one'])

    expect(blocked.blocker).toEqual({
      type: 'needs-capability',
      description: 'which invoice?',
      severity: 'high',
      requiredCapabilities: ['billing:ask'],
    })
    expect(page.stdout).toContain('blocked   needs-capability, high: which invoice?')
    expect(page.stdout).toContain('to go on  billing:ask')
    expect(page.stdout).toContain('handover  {"seen":[1,2]}')
    expect(page.stderr).toContain('ifab task unblock one')
    expect(open.stdout).toContain('✓ one k open')
    expect(next.stdout).toContain('handover  {"use":2}')
  })

  it('needs a description to block, and takes needs-answer as its type', async () => {
    const { token } = await claimed('one')
    const block = ['task', 'block', 'one', '--token', String(token)]

    expect((await rig.ifab(block)).stderr).toContain('--description is needed: say what stops it')
    expect((await rig.ifab([...block, '--description', ' '])).code).toBe(2)
    expect((await rig.ifab([...block, '--description', 'd', '--handover', '{'])).stderr).toContain(
      '--handover: not JSON',
    )
    expect((await rig.json<Task>([...block, '--description', 'd'])).blocker?.type).toBe('needs-answer')
  })
})

describe('what anybody may do', () => {
  it('cancels and retries in the name of the actor, with the reason', async () => {
    await rig.coordinator.add({ kind: 'k', id: 'one' })

    const cancelled = await rig.json<Task>(['task', 'cancel', 'one', '--why', 'ordered twice'])
    const again = await rig.json<Task>(['task', 'retry', 'one'])

    expect(cancelled).toMatchObject({ state: 'failed', error: { code: 'IF_ERR_CANCELLED' } })
    expect(cancelled.history.at(-1)).toMatchObject({ by: 'if://person/ana', note: 'ordered twice' })
    expect(again.state).toBe('open')
  })

  it('refuses a move that the state does not allow', async () => {
    await rig.coordinator.add({ kind: 'k', id: 'one' })

    const result = await rig.ifab(['task', 'unblock', 'one'])

    expect(result.stderr).toContain('task one is open; only one that is blocked can be unblocked')
    expect(result.code).toBe(6)
  })

  it('with --token only while nobody has claimed it since', async () => {
    await rig.coordinator.add({ kind: 'k', id: 'one' })
    const { token } = await rig.coordinator.claim({ swarm: 's', worker: 'w' }, 'one')

    const old = await rig.ifab(['task', 'cancel', 'one', '--token', String(token - 1)])
    const right = await rig.ifab(['task', 'cancel', 'one', '--token', String(token)])

    expect([old.code, old.stderr.includes('was claimed since')]).toEqual([6, true])
    expect(right.code).toBe(0)
  })
})
