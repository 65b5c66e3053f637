// ifab init, lock, config show, and provider add in a project: in this process, on real homes.
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fabric, openFabric } from '../../../src/fabric/index.ts'
import { parseProject } from '../../../src/foundation/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { fakeFabric } from '../../unit/cli/fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from '../../unit/cli/run-cli.ts'

const TEST_KEY = 'sk_test_0123456789abcdef'
/** In pieces, so that no scanner takes it for somebody's. */
const LIVE_KEY = ['sk', 'live', '0123456789abcdef'].join('_')

let folder: TemporaryFolder
let home: string
let before: string
beforeEach(async () => {
  folder = await temporaryFolder('cli-project')
  home = join(folder.path, 'home')
  before = process.cwd()
})
afterEach(async () => {
  process.chdir(before)
  await folder.remove()
})

const run = (argv: string[], options: CliOptions = {}) =>
  runCli(argv, { openFabric, ...options, env: { IFAB_HOME: home, ...options.env } })

const json = async (argv: string[], options: CliOptions = {}) =>
  JSON.parse((await run([...argv, '--json'], options)).stdout)

/** A project with these lines, in which the test goes on. */
async function inProject(text: string): Promise<string> {
  const place = join(folder.path, 'work')
  await mkdir(place, { recursive: true })
  await writeFile(join(place, 'ifab.yaml'), `version: 1\nname: support\n${text}`)
  process.chdir(place)
  return place
}

const SHOP = 'instances:\n  shop: { provider: stripe, tags: { env: sandbox } }\n'

async function addShop(tags: string[] = []): Promise<void> {
  const words = ['provider', 'add', 'stripe', '--as', 'shop', '--secret', 'STRIPE_SECRET_KEY=-', '--no-test', ...tags]
  expect((await run(words, { stdin: TEST_KEY, env: { IFAB_PROJECT: 'none' } })).code).toBe(0)
}

describe('ifab init', () => {
  it('makes a folder of the instances of the home, with tags, without secrets', async () => {
    await addShop(['--tag', 'env=sandbox'])
    const place = join(folder.path, 'support desk!')

    const made = await run(['init', place])

    expect(made.code).toBe(0)
    expect(made.stderr).toContain('ifab plan -f playbooks/example.yaml --check')
    expect((await readdir(place)).sort()).toEqual(['.gitignore', 'ifab.lock', 'ifab.yaml', 'playbooks', 'policies'])
    const text = await readFile(join(place, 'ifab.yaml'), 'utf8')
    expect(text).toMatch(/^# yaml-language-server: \$schema=.*project\.schema\.json\n/)
    expect(parseProject(text, 'ifab.yaml')).toMatchObject({
      name: 'support-desk-',
      instances: { shop: { provider: 'stripe', tags: { env: 'sandbox' } } },
    })
    const everything = (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    )
    for (const { parentPath, name } of everything)
      expect(await readFile(join(parentPath, name), 'utf8')).not.toMatch(/sk_test|vault|STRIPE_SECRET_KEY/)
    expect(await readFile(join(place, 'ifab.lock'), 'utf8')).toMatch(
      /stripe:\n {4}version: .+\n {4}digest: [0-9a-f]{64}\n/,
    )
  })

  it('gives one instance in comments where the home has none, and a playbook that plans', async () => {
    const place = join(folder.path, 'fresh')

    expect(await json(['init', place, '--name', 'first'])).toEqual({
      folder: place,
      name: 'first',
      files: ['ifab.yaml', 'ifab.lock', 'policies/example.cedar', 'playbooks/example.yaml', '.gitignore'],
      kept: [],
      instances: [],
    })
    process.chdir(place)
    expect(await readFile('ifab.yaml', 'utf8')).toContain('#   stripe:\n#     provider: stripe')
    expect((await run(['plan', '-f', 'playbooks/example.yaml', '--check'])).code).toBe(0)
  })

  it('writes nothing over, and nothing at all where something is there', async () => {
    const place = join(folder.path, 'there')
    await mkdir(join(place, 'policies'), { recursive: true })
    await writeFile(join(place, 'policies', 'example.cedar'), 'mine')
    await writeFile(join(place, 'ifab.lock'), 'mine')

    const refused = await run(['init', place])

    expect(refused.code).toBe(6)
    expect(refused.stderr).toContain('has ifab.lock, policies/example.cedar already; nothing was written')
    expect((await readdir(place)).sort()).toEqual(['ifab.lock', 'policies'])
  })

  it('leaves a .gitignore as it is', async () => {
    const place = join(folder.path, 'repository')
    await mkdir(place)
    await writeFile(join(place, '.gitignore'), 'mine\n')

    const made = await run(['init', place])

    expect(made.stderr).toContain('.gitignore stays as it is')
    expect(await readFile(join(place, '.gitignore'), 'utf8')).toBe('mine\n')
  })

  it('takes back what it began where it can not go on', async () => {
    const place = join(folder.path, 'half')
    await mkdir(place)
    await writeFile(join(place, 'playbooks'), 'a file where a folder has to be')

    expect((await run(['init', place])).code).not.toBe(0)
    expect(existsSync(join(place, 'ifab.yaml'))).toBe(false)
  })

  it('stands for itself below another project, even a broken one', async () => {
    const above = await inProject('nonsense: true\n')

    expect((await run(['init', join(above, 'inner')])).code).toBe(0)
  })
})

describe('ifab lock', () => {
  it('names the manifests of the instances and of what the playbooks use', async () => {
    const place = await inProject(SHOP)
    await mkdir(join(place, 'playbooks'))
    const playbook = 'version: 1\nname: x\nsteps:\n  a: { use: slack channel.list }\n  b: { use: any sms.send }\n'
    await writeFile(join(place, 'playbooks', 'x.yaml'), playbook)
    await writeFile(join(place, 'ifab.lock'), 'broken: [')

    const locked = await json(['lock'])
    const again = await run(['lock'])

    expect(locked.providers.map(({ id }: { id: string }) => id)).toEqual(['slack', 'stripe'])
    expect(locked).toMatchObject({ file: join(place, 'ifab.lock'), changed: true })
    expect(again.stdout).toContain('says so already · 2 providers')
  })

  it('grants what is new only when somebody says so', async () => {
    const place = await inProject(SHOP)
    const lock = join(place, 'ifab.lock')
    await json(['lock'])
    const whole = await readFile(lock, 'utf8')
    const less = whole
      .replace(/digest: [0-9a-f]{64}/, `digest: ${'f'.repeat(64)}`)
      .replace('payment.create: charge', 'payment.create: read')
    await writeFile(lock, less)

    const unasked = await run(['lock'])
    const left = await readFile(lock, 'utf8')
    const accepted = await run(['lock', '--accept'])

    expect([unasked.code, unasked.stderr]).toEqual([
      9,
      expect.stringContaining('payment.create is charge instead of read'),
    ])
    expect(left).toBe(less)
    expect(accepted.code).toBe(0)
    expect(await readFile(lock, 'utf8')).toBe(whole)
  })

  it('needs a project, and playbooks that can be read', async () => {
    const place = await inProject(SHOP)
    await mkdir(join(place, 'playbooks'))
    await writeFile(join(place, 'playbooks', 'x.yaml'), 'version: 1\nname: x\n')

    const none = await run(['lock'], { env: { IFAB_PROJECT: 'none' } })
    const broken = await run(['lock'])

    expect([none.code, none.stderr]).toEqual([4, expect.stringContaining('there is no ifab.yaml here or above')])
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('x.yaml:1 steps')])
  })
})

describe('ifab provider add in a project', () => {
  it('takes provider, tags and settings of the row, by its name alone', async () => {
    await inProject(
      'instances:\n  hall: { provider: home-assistant, tags: { env: stage }, settings: { host: hall.example } }\n',
    )

    const added = await json(['provider', 'add', 'hall', '--secrets-from', '-', '--no-test'], {
      stdin: `HASS_TOKEN=${'a'.repeat(40)}\n`,
    })

    expect(added).toMatchObject({ name: 'hall', provider: 'home-assistant', settings: { host: 'hall.example' } })
    expect(added.tags).toEqual({ env: 'stage' })
  })

  it('refuses a key of the other environment and keeps nothing', async () => {
    await inProject(SHOP)

    const refused = await run(['provider', 'add', 'stripe', '--as', 'shop', '--secret', 'STRIPE_SECRET_KEY=-'], {
      stdin: LIVE_KEY,
    })

    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('IF_ERR_WRONG_ENVIRONMENT: shop is tagged env=sandbox')
    expect(refused.stdout + refused.stderr).not.toContain(LIVE_KEY)
    expect(await json(['secret', 'list'])).toEqual([])
  })
})

describe('ifab secret set', () => {
  it('refuses a key of the other environment; the one in use stays', async () => {
    await addShop(['--tag', 'env=sandbox'])

    const refused = await run(['secret', 'set', 'shop', 'STRIPE_SECRET_KEY', 'env:K'], { env: { K: LIVE_KEY } })

    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('is a production key; the secret in use stays')
    expect(await json(['secret', 'list'])).toMatchObject([{ kind: 'vault' }])
  })
})

describe('ifab config show', () => {
  it('shows every setting as it is written, and with --origin what says so', async () => {
    const place = await inProject(`${SHOP}budgets:\n  - { name: support-day, limit: 5 USD }\n`)
    await mkdir(home)
    await writeFile(
      join(home, 'config.yaml'),
      'version: 1\nbudgets:\n  - { name: day, limit: 50 USD }\ncoordinator:\n  lease: 45s\n',
    )

    const shown = await json(['config', 'show', '--origin', '--log-level', 'error', '--actor', 'if://agent/x'], {
      env: { IFAB_SESSION: 'night' },
    })

    expect(shown.settings).toMatchObject({
      home,
      project: join(place, 'ifab.yaml'),
      actor: 'if://agent/x',
      session: 'night',
      logLevel: 'error',
      coordinator: { lease: '45s', claimWait: '5s' },
      budgets: [
        { name: 'day', limit: '50 USD' },
        { name: 'support-day', limit: '5 USD' },
      ],
      instances: { shop: { provider: 'stripe', tags: { env: 'sandbox' } } },
    })
    expect(shown.origins).toMatchObject({
      home: { origin: 'env', place: 'IFAB_HOME' },
      actor: { origin: 'flag', place: '--actor' },
      logLevel: { origin: 'flag', place: '--log-level' },
      session: { origin: 'env', place: 'IFAB_SESSION' },
      'coordinator.lease': { origin: 'home', place: `${join(home, 'config.yaml')}:5` },
      'coordinator.claimWait': { origin: 'default', place: null },
      'budgets.0': { origin: 'home', place: `${join(home, 'config.yaml')}:3` },
      'budgets.1': { origin: 'project', place: `${join(place, 'ifab.yaml')}:6` },
      'instances.shop': { origin: 'project', place: `${join(place, 'ifab.yaml')}:4` },
    })
  })

  it('is YAML for people, the origins as comments', async () => {
    await inProject(SHOP)

    const plain = await run(['config', 'show'])
    const origins = await run(['config', 'show', '--origin'])

    expect(plain.stdout).toContain('  lease: 30s\n')
    expect(plain.stdout).not.toContain('#')
    expect(origins.stdout).toContain('  lease: 30s # default\n')
    expect(origins.stdout).toMatch(/shop: \{ provider: stripe, .* \} # project: .*ifab\.yaml:4\n/)
  })

  it('shows instances of the home without their secrets, no token, and of a webhook only where it goes', async () => {
    await addShop()
    await writeFile(
      join(home, 'config.yaml'),
      'version: 1\nescalation:\n  channels:\n    - { webhook: "https://hooks.example/T0/SECRETPART" }\n',
    )

    const shown = await run(['config', 'show', '--origin', '--json'], {
      env: { IFAB_TOKEN: 'ifab_secret_token', IFAB_URL: 'http://127.0.0.1:7420', IFAB_PROJECT: 'none' },
    })

    const { settings, origins } = JSON.parse(shown.stdout)
    expect(shown.stdout).not.toMatch(/SECRETPART|ifab_secret_token|vault|sk_test/)
    expect(settings).toMatchObject({
      token: '<set>',
      daemon: 'http://127.0.0.1:7420',
      project: 'none',
      escalation: { channels: [{ webhook: 'https://hooks.example/…' }] },
      instances: { shop: { provider: 'stripe' } },
    })
    expect(origins['instances.shop']).toEqual({ origin: 'home', place: join(home, 'providers', 'shop.yaml') })
  })

  it('refuses a wrong file with its line', async () => {
    await mkdir(home)
    await writeFile(join(home, 'config.yaml'), 'version: 1\nkeepDays: soon\n')

    const refused = await run(['config', 'show'])

    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('config.yaml:2 keepDays')])
  })
})

describe('a project and a daemon', () => {
  const daemon = (project?: Fabric['project']): Fabric =>
    fakeFabric({
      way: { kind: 'daemon', address: 'unix:/run/ifab.sock', version: '0.1.0', context: null, isLocal: true },
      instances: async () => [],
      providers: async () => [],
      ...(project ? { project } : {}),
    })
  const note = (place: string) =>
    `! ${join(place, 'ifab.yaml')} has no effect here: the daemon unix:/run/ifab.sock was not started in it\n`

  it('that was not started in it: the command says so once', async () => {
    const place = await inProject(SHOP)

    const listed = await runCli(['provider', 'list'], { openFabric: async () => daemon() })
    const asJson = await runCli(['provider', 'list', '--json'], { openFabric: async () => daemon() })

    expect(listed.stderr.split(note(place))).toHaveLength(2)
    expect(asJson.stderr).toBe('')
  })

  it('that was started in it, or a command that wants none: nothing is said', async () => {
    const place = await inProject(SHOP)
    const view = { file: join(place, 'ifab.yaml'), name: 'support', instances: [] }

    const same = await runCli(['provider', 'list'], { openFabric: async () => daemon(view) })
    const none = await runCli(['provider', 'list'], {
      openFabric: async () => daemon(),
      env: { IFAB_PROJECT: 'none' },
    })

    expect(same.stderr + none.stderr).not.toContain('has no effect here')
  })
})

describe('the question of an apply', () => {
  it.each([
    ['production', true],
    ['sandbox', false],
  ])('on env=%s is coloured as a warning: %s', async (env, isWarned) => {
    const place = await inProject(`instances:\n  shop: { provider: stripe, tags: { env: ${env} } }\n`)
    const cli = startCli(['apply', 'shop', 'payment.create', 'amount=2500', 'currency=GBP'], {
      openFabric,
      env: { IFAB_HOME: home, IFAB_PROJECT: place },
      terminal: true,
    })

    await until(() => cli.stderr().includes('(yes/no)'))
    cli.type('no\n')

    expect(await cli.code).toBe(3)
    expect(cli.stderr().includes(`\u001b[33mshop [env=${env}]\u001b[39m`)).toBe(isWarned)
  })
})
