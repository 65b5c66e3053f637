// ifab apply --twin: the whole way on twins of the process, for real, in a home that is gone afterwards.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFabric } from '../../../src/fabric/index.ts'
import { runCli } from '../../unit/cli/run-cli.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-rehearsed-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const run = (words: string[]) =>
  runCli(['apply', ...words, '--home', home, '--no-input'], { openFabric, env: { IFAB_PROJECT: 'none' } })

const PLAYBOOK = join(import.meta.dirname, '../../../examples/live-studio/playbook.yaml')

it('performs a playbook that would ask, without asking, and leaves no trace in the home but the plan', async () => {
  const homes = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('ifab-twins-'))
  const before = await homes()

  const result = await run(['-f', PLAYBOOK, '--twin'])

  expect(result.stderr).toContain('On 3 twins of this process, in a home of their own: nothing leaves.')
  expect(result.code).toBe(0)
  expect(result.stdout).toMatch(/run [0-9a-z]{8} done in .+ · 3 receipts/)
  expect(await homes()).toEqual(before)
  const fabric = await openFabric({ home })
  expect(await fabric.runs({})).toEqual([])
  expect(await fabric.instances()).toEqual([])
  await fabric.close()
})

it('takes one operation too, under the names, tags and settings of the home', async () => {
  const fabric = await openFabric({ home })
  await fabric.addInstance({
    provider: 'slack',
    name: 'team',
    tags: { env: 'production' },
    secrets: { SLACK_BOT_TOKEN: { kind: 'value', value: 'xoxb-this-is-no-real-token' } },
  })
  await fabric.close()

  const result = await run(['team', 'message.send', 'to=#general', 'text=hello', '--twin', '--json'])

  expect(result.stderr).toBe('')
  expect(JSON.parse(result.stdout)).toMatchObject({ state: 'done', receipts: [{ instance: 'team', state: 'done' }] })
  expect(await readFile(join(home, 'providers', 'team.yaml'), 'utf8')).not.toContain('twin')
})

it('refuses what makes no sense on twins', async () => {
  for (const [words, name] of [
    [['--plan', 'abcd', '--twin'], '--plan'],
    [['-f', PLAYBOOK, '--twin', '--dry-run'], '--dry-run'],
    [['-f', PLAYBOOK, '--twin', '--mode=falsify'], '--mode=falsify'],
  ] as const) {
    const result = await run([...words])
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(`--twin and ${name} exclude each other`)])
  }
})

it('tells a playbook that is wrong as it would without twins', async () => {
  const file = join(home, 'broken.yaml')
  await writeFile(file, 'version: 1\nname: x\nsteps:\n  a: { use: slack nothing.here }\n')

  expect((await run(['-f', file, '--twin'])).stderr).toContain('nothing.here')
})
