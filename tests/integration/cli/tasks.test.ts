// Tasks, tokens and claims on a real home: each command opens it anew, as each process does.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFabric } from '../../../src/client/index.ts'
import type { Claim, Task } from '../../../src/coordinator/index.ts'
import { openFabric as openHome, type ServedTwins } from '../../../src/fabric/index.ts'
import { type CliOptions, runCli } from '../../unit/cli/run-cli.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-cli-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const ifab = (words: string[], options: CliOptions = {}) =>
  runCli([...words, '--home', home], { openFabric, ...options })

async function json<T>(words: string[], options: CliOptions = {}): Promise<T> {
  const { code, stdout, stderr } = await ifab([...words, '--json'], options)
  if (code !== 0) throw new Error(`${words.join(' ')} exits ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}

it('a task goes from hand to hand between commands: claimed, blocked, answered, claimed again, done', async () => {
  const { id } = await json<Task>(['task', 'add', 'refund', 'payment=pi_3Nx', '--needs', 'payment:refund'])
  const work = ['task', 'claim', '--capability', 'payment:*', '--wait', '0s']
  const first = await json<Claim>(work)
  expect(await json(work)).toBeNull()

  await json(['task', 'block', id, '--token', String(first.token), '--description', 'how much?', '--handover', '[1]'])
  expect((await ifab(['coordinator', 'health'])).code).toBe(1)
  await json(['task', 'unblock', 'last', '--handover', '{"amount":1200}'])
  const second = await json<Claim>(work)
  const late = await ifab(['task', 'complete', id, '--token', String(first.token)])
  const done = await json<Task>(['task', 'complete', id, '--token', String(second.token), '--result', 'refund=re_1'])

  expect(second.token).toBeGreaterThan(first.token)
  expect([second.payload, second.task.context]).toEqual([{ payment: 'pi_3Nx' }, { amount: 1200 }])
  expect([late.code, late.stderr.includes('IF_ERR_CLAIM_LOST')]).toEqual([6, true])
  expect(done).toMatchObject({ state: 'done', result: { refund: 're_1' } })
  expect((await ifab(['coordinator', 'health'])).code).toBe(0)
  expect((await json<Task>(['task', 'show', id])).history.map(({ move }) => move)).toEqual([
    'add',
    'claim',
    'block',
    'unblock',
    'claim',
    'complete',
  ])
})

it('tokens are made, listed and ended, and an agent never gets to approve', async () => {
  const { token, id } = await json<{ token: string; id: string }>([
    ...['token', 'create', '--actor', 'if://agent/refunds', '--ttl', '1h'],
  ])
  const listed = await ifab(['token', 'list'])
  const refused = await ifab(['token', 'create', '--actor', 'if://agent/refunds', '--scope', 'approval:grant'])
  const revoked = await ifab(['token', 'revoke', id.slice(-8).toLowerCase()])

  expect(token).toMatch(/^ifab_/)
  expect(listed.stdout).toContain('if://agent/refunds  read, tasks, actions  all swarms')
  expect(`${listed.stdout}${listed.stderr}`).not.toContain(token)
  expect([refused.code, refused.stdout]).toEqual([3, ''])
  expect(revoked.stdout).toContain('revoked')
  const log = await json<{ kind: string }[]>(['witness', 'log'])
  expect(log.map(({ kind }) => kind)).toEqual(['token.revoke', 'token.create'])
  expect(JSON.stringify(log)).not.toContain(token.split('_').at(-1))
})

it('what is applied under a claim that has ended never leaves', async () => {
  const host = await openHome({ home })
  const twins: ServedTwins = await host.serveTwins({ providers: ['slack'] })
  try {
    await host.addInstance({ provider: 'slack', twin: twins.twins[0]?.url ?? '', secrets: secretsOf(twins) })
    const { id } = await json<Task>(['task', 'add', 'tell'])
    const claim = await json<Claim>(['task', 'claim', id])
    const tell = ['apply', 'slack', 'message.send', 'to=#general', 'text=hello']
    const env = { IFAB_CLAIM: `${id}:${claim.token}` }

    const under = await ifab(tell, { env })
    await json(['task', 'release', id, '--token', String(claim.token)])
    await json(['task', 'claim', id])
    const late = await ifab(tell, { env })

    expect([under.code, under.stderr]).toEqual([0, expect.stringContaining('Next: ')])
    expect([late.code, late.stderr.includes('IF_ERR_CLAIM_LOST')]).toEqual([6, true])
    expect(twins.twins[0]?.effects().filter(({ operation }) => operation === 'message.send')).toHaveLength(1)
  } finally {
    await twins.close()
    await host.close()
  }
})

const secretsOf = ({ twins }: ServedTwins) =>
  Object.fromEntries(
    Object.entries(twins[0]?.secrets ?? {}).map(([name, value]) => [name, { kind: 'value' as const, value }]),
  )

it('shows the stages by which way it went, and completes names of tasks', async () => {
  await json(['task', 'add', 'k', '--id', 'invoice-1'])

  const traced = await ifab(['task', 'show', 'invoice-1', '--trace'])
  const words = await runCli(['__complete', '--home', home, '--', 'task', 'show', 'inv'], { openFabric })

  expect(traced.stderr).toContain(`by way of home ${home}, opened by this command`)
  expect(words.stdout).toBe('invoice-1\n')
})
