// Modules are made and built for real, in this process: templates, the build tool, the sandbox and the keys of a home.
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawPublicKey } from '../../../src/adapter/index.ts'
import { openFabric } from '../../../src/fabric/index.ts'
import { runCli, startCli, until } from '../../unit/cli/run-cli.ts'

let folder: string
let home: string
let made: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-modules-'))
  home = join(folder, 'home')
  made = join(folder, 'mail')
  await runCli(['chassis', 'new', made, '--lang', 'ts'])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const cli = (...words: string[]) => runCli([...words, '--home', home], { openFabric })
const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr).error

describe('ifab chassis new', () => {
  it.each([
    [['--lang', 'ts', '--kind', 'agent', '--name', 'triage'], 'triage, an agent', 'ifab chassis build'],
    [['--lang', 'wat'], 'example-agent, an agent', 'npm install && npm run build    Then: ifab chassis build'],
    [['--lang', 'assemblyscript'], 'example-mail, an adapter', 'npm install && npm run build'],
  ])('%j writes a project and says how to go on', async (words, what, next) => {
    const place = join(folder, words.join(''))

    const result = await runCli(['chassis', 'new', place, ...words])

    expect(result.code).toBe(0)
    expect(result.stdout).toContain(`✓ ${what} in `)
    expect(result.stdout).toContain('  contract.yaml\n')
    expect(result.stderr).toContain(next)
    expect((await stat(join(place, 'contract.yaml'))).isFile()).toBe(true)
  })

  it('tells a program the same', async () => {
    const place = join(folder, 'json')

    const result = await runCli(['chassis', 'new', place, '--lang', 'ts', '--json'])

    expect(JSON.parse(result.stdout)).toMatchObject({
      folder: place,
      lang: 'ts',
      kind: 'adapter',
      name: 'example-mail',
      input: 'adapter.ts',
      files: expect.arrayContaining(['adapter.ts', 'contract.yaml']),
    })
  })

  it.each([
    [['chassis', 'new', 'x'], 2, '--lang is needed: ts, wat, assemblyscript'],
    [['chassis', 'new', 'x', '--lang', 'rust'], 2, 'Allowed choices are ts, wat, assemblyscript'],
  ])('refuses %j', async (words, code, message) => {
    const result = await runCli(words)

    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(message)])
  })

  it('never touches a folder that has something in it', async () => {
    const before = await readFile(join(made, 'adapter.ts'), 'utf8')

    const result = await runCli(['chassis', 'new', made, '--lang', 'ts', '--json'])

    expect([result.code, errorOf(result).code]).toEqual([6, 'IF_ERR_ALREADY_EXISTS'])
    expect(await readFile(join(made, 'adapter.ts'), 'utf8')).toBe(before)
  })
})

describe('ifab chassis build', () => {
  it('signs with the own key of the home, which is made at first use and trusted in it', async () => {
    const out = join(folder, 'mail.ifwasm')

    const text = await cli('chassis', 'build', join(made, 'adapter.ts'), '-o', out)
    const json = await cli('chassis', 'build', join(made, 'adapter.ts'), '-o', out, '--json')

    expect([text.code, text.stderr]).toEqual([0, `Next: ifab chassis load ${out}\n`])
    expect(text.stdout).toContain(`✓ ${out} · contract: ${join(made, 'contract.yaml')}\n`)
    expect(text.stdout).toContain('example-mail 1.0.0 · Example Mail · adapter · signed by operator · sha256 ')
    expect(text.stdout).toContain('reaches   https://api.example.com')
    expect(JSON.parse(json.stdout)).toMatchObject({
      id: 'example-mail',
      version: '1.0.0',
      kind: 'adapter',
      signedBy: 'operator',
      file: out,
      hosts: ['https://api.example.com'],
      operations: expect.arrayContaining([{ id: 'message.send', effect: 'send' }]),
      sizeBytes: (await stat(out)).size,
    })
    expect((await stat(join(home, 'keys', 'operator.ed25519.pem'))).mode & 0o777).toBe(0o600)
  })

  it('signs with a key of --key, and says where to trust it until it is', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = join(folder, 'publisher.pem')
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const other = join(folder, 'other-home')
    const out = join(folder, 'published.ifwasm')
    const build = () => runCli(['chassis', 'build', join(made, 'adapter.ts'), '-o', out, '--key', key, '--home', other])

    const strange = await build()
    await mkdir(join(other, 'trust'), { recursive: true })
    await writeFile(
      join(other, 'trust', 'keys.yaml'),
      `version: 1\nkeys:\n  - { name: acme, algorithm: ed25519, publicKey: ${rawPublicKey(privateKey)} }\n`,
    )
    const known = await build()

    expect(strange.stdout).toContain('signed by a key that this home does not trust')
    expect(strange.stderr).toContain(`! to load it, trust ${rawPublicKey(privateKey)} in ${other}/trust/keys.yaml`)
    expect(known.stdout).toContain('signed by acme')
    expect(known.stderr).not.toContain('!')
  })

  it('takes the default contract where there is none', async () => {
    const agent = join(folder, 'bare.mjs')
    await writeFile(
      agent,
      `export const describe = () => ({ kind: 'agent', id: 'bare', name: 'Bare', version: '1.0.0' })
       export const execute = () => null\n`,
    )

    const result = await cli('chassis', 'build', agent, '-o', join(folder, 'bare.ifwasm'))

    expect(result.stdout).toContain('contract: none given, so every default')
    expect(result.stdout).toContain('256 MiB · 25 % of a core · 10 host calls a second · 5 min a call')
  })

  it('says where a source is wrong', async () => {
    const reaching = join(folder, 'reaching.ts')
    await writeFile(
      reaching,
      `import { readFileSync } from 'node:fs'\nexport const describe = () => readFileSync('/etc/passwd')\n`,
    )
    const contract = join(folder, 'wrong.yaml')
    await writeFile(contract, 'swarm_id: x\nversion: 1.0.0\nresource_requirements:\n  max_memory: 3\n')

    const source = await cli('chassis', 'build', reaching, '--json')
    const limits = await cli('chassis', 'build', join(made, 'adapter.ts'), '--contract', contract, '--json')
    const none = await cli('chassis', 'build', join(folder, 'none.ts'), '--json')

    expect([source.code, errorOf(source).message]).toEqual([2, expect.stringMatching(/reaching\.ts:1:\d+ .*node:fs/)])
    expect([limits.code, errorOf(limits).message]).toEqual([2, expect.stringContaining(`${contract}:4`)])
    expect(errorOf(limits).hint).toContain('max_memory_mb')
    expect(none.code).toBe(4)
  })

  it.each([
    ['no PEM at all', 'it is no Ed25519 private key in PEM'],
    [
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
      'no Ed25519',
    ],
  ])('refuses a key of another sort without repeating it', async (pem, message) => {
    const key = join(folder, 'wrong.pem')
    await writeFile(key, pem)

    const result = await cli('chassis', 'build', join(made, 'adapter.ts'), '--key', key)

    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(message)])
    expect(result.stderr).not.toContain(String(pem).split('\n')[1] ?? String(pem))
  })

  it('says that the file cannot be written, and leaves no draft', async () => {
    const result = await cli('chassis', 'build', join(made, 'adapter.ts'), '-o', join(folder, 'no', 'x.ifwasm'))

    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('the file cannot be written (ENOENT)')])
  })

  it('ends with 130 at Ctrl-C, a module that never answers too', async () => {
    const endless = join(folder, 'endless.mjs')
    await writeFile(endless, 'export const describe = () => { for (;;); }\nexport const execute = () => null\n')
    const out = join(folder, 'endless.ifwasm')

    const started = startCli(['chassis', 'build', endless, '-o', out, '--home', home])
    const timer = setInterval(() => started.signal('SIGINT'), 200)

    expect(await started.code).toBe(130)
    clearInterval(timer)
    await expect(stat(out)).rejects.toThrow('ENOENT')
    await until(() => started.stderr().includes('stopped; nothing was written'))
  })
})

describe('a built module', () => {
  it('is loaded, is a provider, runs, and is unloaded', async () => {
    const file = join(folder, 'whole.ifwasm')
    await cli('chassis', 'build', join(made, 'adapter.ts'), '-o', file)

    const loaded = await cli('chassis', 'load', file)
    const listed = await cli('chassis', 'list', '--json')
    const planned = await cli('plan', 'example-mail', 'message.send', 'to=ada@example.com', 'text=hello')
    const described = await cli('chassis', 'run', 'example-mail', '--fresh', '--trace')
    const again = await cli('chassis', 'load', file)
    const unloaded = await cli('chassis', 'unload', 'example-mail')
    const gone = await cli('chassis', 'run', 'example-mail')

    expect(loaded.stdout).toContain('✓ example-mail 1.0.0 loaded')
    expect(JSON.parse(listed.stdout).modules).toMatchObject([{ id: 'example-mail', active: true }])
    expect(planned.stdout).toContain(
      'POST https://api.example.com/v1/messages   Authorization: Bearer <EXAMPLE_MAIL_TOKEN>',
    )
    expect(JSON.parse(described.stdout)).toMatchObject({ kind: 'adapter', id: 'example-mail' })
    expect(described.stderr).toMatch(/describe of example-mail 1\.0\.0 \(sha256 [0-9a-f]{12}\) · fuel [\d,]+ · memory /)
    expect([again.code, unloaded.code, gone.code]).toEqual([0, 0, 4])
  })

  it('is refused once a byte of it was changed', async () => {
    const file = join(folder, 'altered.ifwasm')
    await cli('chassis', 'build', join(made, 'adapter.ts'), '-o', file)
    const bytes = await readFile(file)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    await writeFile(file, bytes)

    const result = await cli('chassis', 'load', file, '--json')

    expect([result.code, errorOf(result).code]).toEqual([5, 'IF_ERR_MODULE_UNTRUSTED'])
    expect(errorOf(result).message).toContain('altered.ifwasm')
  })
})
