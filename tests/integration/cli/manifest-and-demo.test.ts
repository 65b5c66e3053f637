// Commands that need the real fabric or the real definitions, in this process.
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawPublicKey } from '../../../src/adapter/index.ts'
import { openFabric } from '../../../src/fabric/index.ts'
import { PROVIDERS } from '../../../src/providers/index.ts'
import { runCli } from '../../unit/cli/run-cli.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('ifab demo', () => {
  it('performs the playbook on twins, proves the log and leaves nothing behind', async () => {
    const demos = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('ifab-demo-'))
    const before = await demos()
    const result = await runCli(['demo'], { openFabric })

    expect(result.stderr).toBe('Next: ifab provider add slack\n')
    expect(result.code).toBe(0)
    expect(result.stdout).toMatch(
      /^plan [0-9a-f]{8} · examples\/live-studio on twins, temporary home · 3 steps · takes in GBP 25\.00 · cost ≈ \$/,
    )
    expect(result.stdout).toContain("allowed by the demo's policy")
    expect(result.stdout).toMatch(/✓ 1 lights +home-assistant device\.set +update .+confirmed/)
    expect(result.stdout).toMatch(/✓ 2 ticket +stripe +payment\.create +charge .+confirmed +pi_twin_1/)
    expect(result.stdout).toMatch(/✓ 3 tell +slack +message\.send +send .+after ticket/)
    expect(result.stdout).toMatch(/run [0-9a-z]{8} done in .+ · 3 receipts · .*witness verified\n$/)
    expect(await demos()).toEqual(before)
  })

  it('is one JSON document under --json', async () => {
    const result = await runCli(['demo', '--json'], { openFabric })

    expect(result.stderr).toBe('')
    expect(JSON.parse(result.stdout)).toMatchObject({
      run: { state: 'done' },
      witness: { ok: true },
      plan: { verdict: { decision: 'allow' } },
    })
  })
})

describe('ifab manifest', () => {
  it('generates, signs with a key of the operator, verifies by the keys of the home, and tells differences', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const keyFile = join(folder, 'key.pem')
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const out = join(folder, 'manifests')
    const home = join(folder, 'home')
    const file = join(out, 'payment', 'stripe.yaml')

    expect((await runCli(['manifest', 'generate', 'stripe'])).stdout).toContain('id: if://capability/stripe')
    expect((await runCli(['manifest', 'sign', '--key', keyFile, '--out', out])).stdout).toContain(
      `wrote ${PROVIDERS.length} manifests below`,
    )
    const untrusted = await runCli(['manifest', 'verify', file, '--home', home])
    expect([untrusted.code, untrusted.stderr.includes('not trusted')]).toEqual([5, true])

    await openFabric({ home }).then((fabric) => fabric.close())
    await mkdir(join(home, 'trust'), { recursive: true })
    await writeFile(
      join(home, 'trust', 'keys.yaml'),
      `version: 1\nkeys:\n  - { name: mine, algorithm: ed25519, publicKey: ${rawPublicKey(privateKey)} }\n`,
    )
    expect((await runCli(['manifest', 'verify', file, '--home', home])).stdout).toContain('signed by mine')
    expect((await runCli(['manifest', 'diff', file])).stdout).toContain('says what the definition says')

    await writeFile(file, (await readFile(file, 'utf8')).replace('rps: ', 'rps: 9'))
    expect((await runCli(['manifest', 'diff', file])).stdout).toContain('limits.rps')
    const altered = await runCli(['manifest', 'verify', file, '--home', home])
    expect([altered.code, altered.stderr.includes('altered')]).toEqual([5, true])
  })

  it.each([
    [['manifest', 'sign', 'stripe'], '--key FILE is needed', 2],
    [['manifest', 'sign', 'stripe', '--key', '/nowhere'], '--key /nowhere: the file cannot be read (ENOENT)', 2],
    [['manifest', 'generate', 'strpe'], 'Did you mean `stripe`?', 4],
    [['manifest', 'diff', '/nowhere.yaml'], 'there is no such file', 4],
  ])('refuses %j', async (argv, message, code) => {
    const result = await runCli(argv)

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(code)
  })
})
