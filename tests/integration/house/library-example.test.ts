// The library example is what a user copies: it runs against the built package, and the README shows exactly this file.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

beforeAll(() => {
  spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale', 'library'], { cwd: ROOT })
})

afterEach(() => {
  vi.restoreAllMocks()
})

it('plans, applies and witnesses one message at a twin', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const complained = vi.spyOn(console, 'error')

  await import('../../../examples/library/first-message.ts')

  expect(complained).not.toHaveBeenCalled()
  expect(printed.mock.calls).toEqual([
    ['allow', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/api\/chat\.postMessage$/)],
    ['done', 0, 'confirmed'],
    [true],
  ])
})

it('stands in the README as it is', () => {
  const example = readFileSync(join(ROOT, 'examples/library/first-message.ts'), 'utf8')
  const shown = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1]

  expect(shown).toBe(example)
})
