// A project as CI uses it: the built command in a folder from git, on an empty home, with nothing but exit codes to go by.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ended, errorOf, ifab, startIfab } from '../../support/command.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

const SLOW = { timeout: 60_000 }

let folder: TemporaryFolder
let home: string
let work: string
beforeEach(async () => {
  folder = await temporaryFolder('e2e-project')
  home = join(folder.path, 'home')
  work = join(folder.path, 'work')
  await Promise.all([mkdir(home), mkdir(work)])
})
afterEach(() => folder.remove())

const run = (words: string[], cwd = work, env: Record<string, string> = {}): Promise<Ended> =>
  ifab(words, { home, cwd, env })

const PLAYBOOK = (use: string) => `version: 1\nname: check\nsteps:\n  one: { use: ${use} }\n`
const CHARGE = 'shop payment.create, with: { amount: 2500, currency: GBP }'
const READ = 'shop balance.get'

describe('ifab plan --check in a project', SLOW, () => {
  it('exits 0, 9 and 3 for what is allowed, asks, and is denied', async () => {
    expect((await run(['init'])).code).toBe(0)
    const row = 'instances:\n  shop: { provider: stripe, tags: { env: sandbox } }\n'
    const file = join(work, 'ifab.yaml')
    await writeFile(file, (await readFile(file, 'utf8')) + row)
    await writeFile(join(work, 'playbooks', 'read.yaml'), PLAYBOOK(READ))
    await writeFile(join(work, 'playbooks', 'charge.yaml'), PLAYBOOK(CHARGE))
    const check = (name: string) => run(['plan', '-f', `playbooks/${name}.yaml`, '--check', '--json'])

    const [example, read, charge] = [await check('example'), await check('read'), await check('charge')]
    await writeFile(join(home, 'config.yaml'), 'version: 1\npolicy: { effects: { charge: deny } }\n')
    const denied = await check('charge')

    expect([example, read, charge, denied].map(({ code }) => code)).toEqual([0, 0, 9, 3])
    expect(JSON.parse(charge.stdout)).toMatchObject({ verdict: { decision: 'ask' }, steps: [{ instance: 'shop' }] })
    expect([example, read, charge, denied].map(({ stderr }) => stderr)).toEqual(['', '', '', ''])
  })

  it('exits 2 with the line where the project is wrong, wherever below it one stands', async () => {
    await writeFile(join(work, 'ifab.yaml'), 'version: 1\nname: x\ninstances:\n  shop: { provide: stripe }\n')
    await mkdir(join(work, 'deep', 'down'), { recursive: true })

    const refused = await run(['plan', 'stripe', 'balance.get', '--check', '--json'], join(work, 'deep', 'down'))

    expect(refused.code).toBe(2)
    expect(errorOf(refused).message).toContain(`${work}/ifab.yaml:4 instances.shop: unknown field "provide"`)
  })

  it('exits 6 where a manifest goes further than the locked one, until somebody grants that', async () => {
    await run(['init'])
    const lock = join(work, 'ifab.lock')
    const whole = await readFile(lock, 'utf8')
    await writeFile(
      lock,
      whole.replace(/digest: .*/, `digest: ${'f'.repeat(64)}`).replace(/hosts:\n +- .*/, 'hosts: []'),
    )
    const check = ['plan', '-f', 'playbooks/example.yaml', '--check', '--json']

    const moved = await run(check)
    const unasked = await run(['lock'])
    const locked = await run(['lock', '--accept'])
    const again = await run(check)

    expect([moved.code, unasked.code, locked.code, again.code]).toEqual([6, 9, 0, 0])
    expect(errorOf(moved)).toMatchObject({ code: 'IF_ERR_PLAN_MOVED', next: 'ifab lock' })
  })
})

describe('a project and ifab up', SLOW, () => {
  it('a daemon started in it has it; elsewhere the command says that it has not', async () => {
    await writeFile(join(work, 'ifab.yaml'), 'version: 1\nname: x\ninstances:\n  shop: { provider: stripe }\n')
    const other = join(folder.path, 'other')
    await mkdir(other)
    await writeFile(join(other, 'ifab.yaml'), 'version: 1\nname: y\n')
    const daemon = startIfab(['up', '--port', '0', '--json'], { home, cwd: work })
    try {
      const up = await new Promise<string>((resolve) => daemon.process.stdout?.once('data', resolve))
      // Named, so that a slow machine never makes the command open the home itself.
      const env = { IFAB_URL: `unix:${JSON.parse(up).socket}` }

      const inside = await run(['plan', 'shop', 'balance.get'], work, env)
      const outside = await run(['plan', 'shop', 'balance.get'], other, env)

      expect([inside.code, outside.code]).toEqual([0, 0])
      expect(inside.stderr).not.toContain('has no effect here')
      expect(outside.stderr).toContain(`! ${other}/ifab.yaml has no effect here: the daemon `)
    } finally {
      daemon.kill('SIGTERM')
      await daemon.ended
    }
  })
})
