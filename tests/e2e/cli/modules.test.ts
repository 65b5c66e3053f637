// Modules that others wrote, with the built command: an adapter acts like any provider, an agent calls what it is granted
// and nothing else, what does not end is ended, and a person sees what a module may do before it is loaded.
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIfab } from '../../support/command.ts'
import { hasScript, ifab, onTerminal, type RunningTwins, twinUp } from './ifab.ts'

const SLOW = { timeout: 90_000 }

/** Sends one mail, or never ends. */
const AGENT = `import { call, log } from 'infrafabric:host'
export const describe = () => ({
  kind: 'agent', id: 'mailer', name: 'Mailer', version: '1.0.0',
  input: { type: 'object', properties: { to: { type: 'string' }, times: { type: 'integer' } }, additionalProperties: false },
})
export async function execute({ to, times }) {
  log('info', 'mailing', to)
  while (times) ;
  const answer = await call({ instance: 'desk', operation: 'message.send', input: { to, text: 'hello' } })
  return { sent: (answer.result ?? answer).id }
}
`

let home: string
let folder: string
let twins: RunningTwins
const run = (...args: string[]) => ifab(args, { home })
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(`${args.join(' ')} exits ${code}: ${stderr}`)
  return JSON.parse(stdout)
}
const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr).error

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
  folder = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
  await run('chassis', 'new', join(folder, 'mail'), '--lang', 'ts')
  await writeFile(join(folder, 'mailer.mjs'), AGENT)
  for (const [input, file] of [
    [join(folder, 'mail', 'adapter.ts'), 'mail.ifwasm'],
    [join(folder, 'mailer.mjs'), 'mailer.ifwasm'],
  ] as const) {
    await run('chassis', 'build', input, '-o', join(folder, file))
    await run('chassis', 'load', join(folder, file))
  }
  twins = await twinUp(['example-mail'], home)
  await run('provider', 'add', 'example-mail', '--as', 'desk', '--twin')
}, 120_000)

afterAll(async () => {
  await twins?.stop()
  await rm(home, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}, 60_000)

describe('an adapter', () => {
  it('is planned, judged, performed, paid and witnessed like any provider', SLOW, async () => {
    const applied = await json('apply', 'desk', 'message.send', 'to=ada@example.com', 'text=hello', '--why', 'a test')
    const read = await json('call', 'desk', 'message.list', 'to=inbox')
    const entries = await run('witness', 'log', '--run', applied.id)

    expect(applied).toMatchObject({ state: 'done', costUsd: 0.0004, receipts: [{ state: 'done' }] })
    expect(read.result.messages).toBeInstanceOf(Array)
    expect(entries.stdout).toContain('message.send')
    expect((await run('witness', 'verify')).code).toBe(0)
  })

  it('shows how it does', SLOW, async () => {
    const performance = await json('chassis', 'performance', 'example-mail')
    const reputation = await json('chassis', 'reputation', 'desk')

    expect(performance).toMatchObject([{ kind: 'module', report: { windows: expect.any(Array) } }])
    expect(performance[0].report.windows.at(-1).calls).toBeGreaterThan(0)
    expect(reputation).toMatchObject([{ kind: 'instance', reputation: { score: expect.any(Number) } }])
  })
})

describe('an agent', () => {
  it('acts with what it was granted, each call being a run that can be looked at', SLOW, async () => {
    const result = await run(
      'chassis',
      'run',
      'mailer',
      'to=ada@example.com',
      '--grant',
      'desk:message.send',
      '--trace',
    )
    const called = /run ([0-9a-z]{8})/.exec(result.stderr)?.[1] ?? ''

    expect([result.code, JSON.parse(result.stdout)]).toEqual([0, { sent: expect.any(String) }])
    expect(result.stderr).toContain('info   mailing ada@example.com\n')
    expect(result.stderr).toMatch(/ {2}1 {2}desk {2}message\.send {2}done {2}run /)
    expect(await json('run', 'show', called)).toMatchObject({ state: 'done', actor: 'if://agent/mailer' })
    expect(await json('chassis', 'credentials')).toEqual([])
  })

  it.each([
    ['nothing', []],
    ['another operation', ['--grant', 'desk:message.list']],
    ['another address', ['--grant', 'desk:message.send@https://api.example.com/v2/**']],
  ])('that was granted %s sends nothing', SLOW, async (_, grant) => {
    const before = (await json('run', 'list', '--limit', '100')).filter(
      ({ state }: { state: string }) => state === 'done',
    )

    const result = await run('chassis', 'run', 'mailer', 'to=ada@example.com', ...grant, '--json')

    const after = (await json('run', 'list', '--limit', '100')).filter(
      ({ state }: { state: string }) => state === 'done',
    )
    expect(result.code).not.toBe(0)
    expect(JSON.stringify(errorOf(result))).toContain('IF_ERR_CREDENTIAL_DENIED')
    expect(after).toHaveLength(before.length)
  })

  it('that does not end is ended, and the next one runs', SLOW, async () => {
    const file = join(folder, 'mailer.ifwasm')
    const endless = await run('chassis', 'run', file, 'times=1', 'to=x', '--timeout', '1s', '--json')
    const next = await run('chassis', 'run', file, 'to=ada@example.com', '--grant', 'desk:message.*')

    expect([endless.code, errorOf(endless).code]).toEqual([1, 'IF_ERR_MODULE_LIMIT'])
    expect(errorOf(endless).details).toMatchObject({ limit: 'time' })
    expect(next.code).toBe(0)
  })
})

describe('ifab chassis load', () => {
  it.skipIf(!hasScript())('shows what a module may do, and loads it after a yes only', SLOW, async () => {
    await run('chassis', 'unload', 'mailer')
    const file = join(folder, 'mailer.ifwasm')

    const no = await onTerminal(['chassis', 'load', file], { home, answers: [['(yes/no)', 'no']] })
    const none = await json('chassis', 'list')
    const yes = await onTerminal(['chassis', 'load', file], { home, answers: [['(yes/no)', 'yes']] })
    const both = await json('chassis', 'list')

    expect(no.screen.indexOf('reaches')).toBeLessThan(no.screen.indexOf('Load it?'))
    expect([no.code, none.modules.length, yes.code, both.modules.length]).toEqual([1, 1, 0, 2])
  })

  it.each([
    ['is no module', Buffer.from('hello'), 2, 'IF_ERR_MODULE_INVALID'],
    ['is cut off', 200, 2, 'IF_ERR_MODULE_INVALID'],
    ['was altered', 'flip', 5, 'IF_ERR_MODULE_UNTRUSTED'],
  ] as const)('refuses a file that %s, by its name', SLOW, async (_, how, code, error) => {
    const whole = await readFile(join(folder, 'mail.ifwasm'))
    if (how === 'flip') whole[60] = (whole[60] ?? 0) ^ 1
    const bytes = typeof how === 'number' ? whole.subarray(0, how) : how === 'flip' ? whole : how
    await writeFile(join(folder, 'bad.ifwasm'), bytes)

    const result = await run('chassis', 'load', join(folder, 'bad.ifwasm'), '--json')

    expect([result.code, errorOf(result).code]).toEqual([code, error])
    expect(errorOf(result).message).toContain('bad.ifwasm')
  })

  it('is refused to who is no person', SLOW, async () => {
    const result = await run('chassis', 'load', join(folder, 'mail.ifwasm'), '--actor', 'if://agent/a', '--json')

    expect(result.code).toBe(3)
  })
})

describe('a daemon', () => {
  it('runs modules for others, and tells what they use', SLOW, async () => {
    const daemon = startIfab(['up', '--port', '0', '--json'], { home })
    try {
      await once(daemon.process.stdout ?? daemon.process, 'data')
      const ran = await run('chassis', 'run', join(folder, 'mail.ifwasm'), '--export', 'describe')
      const used = await json('chassis', 'resources')

      expect(ran.code).toBe(0)
      expect(used).toMatchObject([{ id: 'example-mail', calls: 1, cpuPercent: expect.any(Number) }])
    } finally {
      daemon.kill('SIGINT')
      await daemon.ended
    }
  })
})
