// The count behind the closing line of `npm test`: whatever goes wrong in a run of vitest must be in it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openWorkshop } from './workshop.ts'

const workshop = openWorkshop(['scripts/lib/tally-reporter.mjs'])
afterAll(workshop.remove)

/** Runs vitest over one file of tests and returns what was counted. */
function tallyOf(text: string): unknown {
  const { folder } = workshop
  const file = join(folder, 'tally.json')
  workshop.write('one.test.ts', `import { beforeAll, describe, expect, it } from 'vitest'\n${text}`)
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--root',
    folder,
    '--reporter=./scripts/lib/tally-reporter.mjs',
  ]
  spawnSync(process.execPath, args, { cwd: folder, env: { ...process.env, TALLY_FILE: file }, stdio: 'ignore' })
  return JSON.parse(readFileSync(file, 'utf8'))
}

it('counts passed, failed and skipped tests, and keeps the reason', () => {
  const tally = tallyOf(`
    it('passes', () => {})
    it('fails', () => expect(1).toBe(2))
    it('skips', ({ skip }) => skip('no disk'))
    it.skip('just skips', () => {})`)

  expect(tally).toEqual({
    passed: 1,
    failed: 1,
    skipped: [
      { test: 'one.test.ts > skips', reason: 'no disk' },
      { test: 'one.test.ts > just skips', reason: 'no reason given' },
    ],
  })
})

it.each([
  ['a file that cannot be loaded', `import './nowhere.ts'`],
  ['a hook that fails', `describe('a', () => { beforeAll(() => { throw new Error('no') }); it('b', () => {}) })`],
  ['a rejection that nobody handles', `it('a', () => { void Promise.reject(new Error('left')) })`],
  ['a process that dies', `it('a', () => { process.kill(process.pid, 'SIGKILL') })`],
])('counts %s as failed', (_, text) => {
  expect(tallyOf(text)).toMatchObject({ failed: expect.toSatisfy((failed: number) => failed >= 1) })
})
