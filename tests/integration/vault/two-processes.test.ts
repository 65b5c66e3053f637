// Several real processes make the key of one home at the same moment.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-keys-'))
  await build({
    stdin: {
      contents: `
        import { keyFileIn } from './src/vault/key-file.ts'
        await new Promise((resolve) => process.stdin.once('data', resolve))
        process.stdout.write((await keyFileIn(process.argv[2]).readOrCreate()).toString('hex'))
        process.exit(0)`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(folder, 'make-key.mjs'),
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('processes that make the key at the same moment', () => {
  it('end with the same key', async () => {
    const keysDir = join(folder, 'keys')
    const processes = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [join(folder, 'make-key.mjs'), keysDir], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    const keys = processes.map(async (child) => {
      let text = ''
      for await (const chunk of child.stdout) text += chunk
      return text
    })

    for (const child of processes) child.stdin.write('go')

    const distinct = new Set(await Promise.all(keys))
    expect([...distinct]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
    expect(readdirSync(keysDir)).toEqual(['vault.key'])
  })
})
