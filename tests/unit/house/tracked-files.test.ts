// What must never be committed: paths of the machine it was written on, private keys, live credentials.
// The patterns are put together from pieces, so that this file doesn't hold what it looks for.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const FORBIDDEN: Record<string, RegExp> = {
  'path of a machine': new RegExp(
    `(?<![\\w.~/-])/(?:${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me', 'Us' + 'ers'].join('|')})/\\w`,
  ),
  'private key': new RegExp(`-----BEGIN [A-Z ]*${'PRIV' + 'ATE'} KEY`),
  'live Stripe key': new RegExp(`${'[sr]k_' + 'live'}_[0-9A-Za-z]{16,}`),
  'Slack token': new RegExp(`${'xox' + '[abp]'}-\\d{9,}-`),
  'AWS key': new RegExp(`${'AK' + 'IA'}[0-9A-Z]{16}`),
}

/** Tracked files and those that would be added; undefined outside a git checkout. */
function repositoryFiles(): string[] | undefined {
  // Run by another user than the owner of the checkout, git asks to be told that the folder is safe.
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.split('\0').filter((path) => path !== '') : undefined
}

it('no file of the repository holds a path of a machine or a key', ({ skip }) => {
  const files = repositoryFiles()
  if (!files) return skip('git is not installed, or this is not a git checkout')

  const found = files.flatMap((path) => {
    const lines = readText(path).split('\n')
    return lines.flatMap((line, at) =>
      Object.entries(FORBIDDEN)
        .filter(([, pattern]) => pattern.test(line))
        .map(([what]) => `${path}:${at + 1} ${what}`),
    )
  })

  expect(found).toEqual([])
})

it('the scan recognises what it looks for', () => {
  const samples = [
    `cd /${'ho' + 'me'}/ann`,
    `-----BEGIN OPENSSH ${'PRIV' + 'ATE'} KEY-----`,
    `${'sk_' + 'live'}_${'a1'.repeat(12)}`,
  ]

  for (const sample of samples)
    expect(
      Object.values(FORBIDDEN).some((pattern) => pattern.test(sample)),
      sample,
    ).toBe(true)
})

/** Empty for a file that is tracked but was just deleted. */
function readText(path: string): string {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
