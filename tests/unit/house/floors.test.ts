// The check of the floors is itself checked: the real rules of the house must report each kind of violation.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ifab-floors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Violation {
  rule: string
  from: string
  to: string
}

type Import = readonly [from: string, to: string]

/** Lays out a house of small files that import each other and runs the repository's own rules over it. */
function violationsIn(imports: readonly Import[], line: (target: string) => string = statically): Violation[] {
  const house = mkdtempSync(join(folder, 'house-'))
  for (const path of new Set(imports.flat())) {
    const lines = imports.filter(([from]) => from === path).map(([from, to]) => line(relativeImport(from, to)))
    mkdirSync(dirname(join(house, path)), { recursive: true })
    writeFileSync(join(house, path), [...lines, 'export type X = 1', 'export const x = 1', ''].join('\n'))
  }
  cpSync(join(ROOT, 'tsconfig.json'), join(house, 'tsconfig.json'))
  const command = join(ROOT, 'node_modules/.bin/depcruise')
  const args = ['--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src']
  const { stdout, stderr } = spawnSync(command, args, { cwd: house, encoding: 'utf8' })
  if (!stdout) throw new Error(stderr)
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] }
  }
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
}

const statically = (target: string): string => `export { x as y } from '${target}'`
const lazily = (target: string): string => `export const y = () => import('${target}')`
const ofTypes = (target: string): string => `export type { X as Y } from '${target}'`

const relativeImport = (from: string, to: string): string => `./${'../'.repeat(from.split('/').length - 1)}${to}`

const WRONG: [title: string, rule: string, from: string, to: string][] = [
  ['a room that imports a higher one', 'foundation-looks-only-down', 'src/foundation/a.ts', 'src/store/index.ts'],
  ['a room that imports its neighbour', 'guard-looks-only-down', 'src/guard/a.ts', 'src/governor/index.ts'],
  ['a room that imports the composition root', 'runs-looks-only-down', 'src/runs/a.ts', 'src/fabric/index.ts'],
  ['a room that imports the public index', 'twin-looks-only-down', 'src/twin/a.ts', 'src/index.ts'],
  ['a room that imports the pipeline from below', 'egress-looks-only-down', 'src/egress/a.ts', 'src/pipeline/index.ts'],
  ['the pipeline that imports a higher room', 'pipeline-looks-only-down', 'src/pipeline/index.ts', 'src/runs/index.ts'],
  ['the composition root that imports the command', 'fabric-looks-only-down', 'src/fabric/index.ts', 'src/cli/main.ts'],
  ['an inner file of a lower room', 'rooms-are-entered-through-index', 'src/vault/a.ts', 'src/store/memory.ts'],
  [
    'an inner file that a single file imports',
    'single-files-enter-rooms-through-index',
    'src/index.ts',
    'src/store/b.ts',
  ],
  ['a room without a floor', 'every-room-has-a-floor', 'src/attic/a.ts', 'src/store/index.ts'],
  [
    'a provider past the adapter',
    'a-provider-imports-only-the-adapter',
    'src/providers/chat/a.ts',
    'src/egress/index.ts',
  ],
  [
    'a provider that imports another',
    'providers-do-not-import-each-other',
    'src/providers/chat/a.ts',
    'src/providers/ai/b.ts',
  ],
  ['a product file that imports a test', 'src-never-imports-tests', 'src/store/c.ts', 'tests/store.ts'],
  ['a circle inside a room', 'no-circles', 'src/witness/a.ts', 'src/witness/b.ts'],
]

describe('the floors check', () => {
  let found: Violation[] = []
  beforeAll(() => {
    const wrong = WRONG.map(([, , from, to]) => [from, to] as const)
    found = violationsIn([...wrong, ['src/witness/b.ts', 'src/witness/a.ts']])
  })

  it.each(WRONG)('reports %s', (_, rule, from, to) => {
    expect(found).toContainEqual({ rule, from, to })
  })

  it.each([
    ['loaded lazily', lazily],
    ['of types only', ofTypes],
  ])('reports an upward import and a circle that are %s', (_, line) => {
    const upward = ['src/store/a.ts', 'src/witness/index.ts'] as const
    const circle = [['src/vault/a.ts', 'src/vault/b.ts'] as const, ['src/vault/b.ts', 'src/vault/a.ts'] as const]

    const rules = violationsIn([upward, ...circle], line).map(({ rule }) => rule)

    expect(rules).toEqual(expect.arrayContaining(['store-looks-only-down', 'no-circles']))
  })

  it('says nothing about a house in order', () => {
    const inOrder: Import[] = [
      ['src/foundation/index.ts', 'src/foundation/a.ts'],
      ['src/adapter/index.ts', 'src/foundation/index.ts'],
      ['src/providers/chat/slack.ts', 'src/adapter/index.ts'],
      ['src/providers/index.generated.ts', 'src/providers/chat/slack.ts'],
      ['src/providers/index.ts', 'src/providers/index.generated.ts'],
      ['src/fabric/index.ts', 'src/providers/index.ts'],
      ['src/fabric/index.ts', 'src/foundation/index.ts'],
      ['src/index.ts', 'src/fabric/index.ts'],
      ['src/cli/main.ts', 'src/index.ts'],
    ]

    expect(violationsIn(inOrder)).toEqual([])
  })
})
