// The build on a small product of its own: the real scripts and configuration, our own foundation, and a command and a
// library of a few lines. What it makes is run and compiled against as a stranger would.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkshop, ROOT } from './workshop.ts'

const COPIED = [
  'scripts',
  'bin',
  'src/foundation',
  'src/chassis/webassembly.d.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
]

const MAIN = `import { isFabricError } from '../foundation/index.ts'
export async function main(argv: string[]): Promise<number> {
  try {
    const command = argv[0] === 'fail' ? await import('./fail.ts') : await import('./where.ts')
    return command.run()
  } catch (error) {
    console.log(isFabricError(error) ? 'a FabricError' : String(error))
    return 7
  }
}
`
const FAIL = `import { FabricError } from '../foundation/index.ts'
export function run(): number {
  throw new FabricError('IF_ERR_TIMEOUT', 'no answer')
}
`
const WHERE = `import { WebSocketServer } from 'ws'
import Database from 'libsql'
export function run(): number {
  console.log(typeof WebSocketServer, new Database(':memory:').prepare('select 1 as one').get(), import.meta.url)
  return 0
}
`
const LIBRARY = `export { FabricError, type JsonValue, parseDocumentText } from './foundation/index.ts'
`
const CONSUMER = `import { FabricError, type JsonValue, parseDocumentText } from 'infrafabric'
import { z } from 'zod'
const parsed: { value: { a: number } } = parseDocumentText('a: 1', z.object({ a: z.number() }), 'x.yaml')
// @ts-expect-error: a date is not JSON, so the types did arrive
const wrong: JsonValue = new Date()
console.log(parsed.value.a, typeof wrong, new FabricError('IF_ERR_TIMEOUT', 'late').exitCode)
`

const { folder: product, node, write, remove } = openWorkshop(COPIED)
afterAll(remove)

beforeAll(() => {
  write('src/cli/main.ts', MAIN)
  write('src/cli/fail.ts', FAIL)
  write('src/cli/where.ts', WHERE)
  write('src/index.ts', LIBRARY)

  const { status, stderr } = node('scripts/build.mjs')

  expect(stderr).toBe('')
  expect(status).toBe(0)
})

describe('the built command', () => {
  it('says its version without its bundle', () => {
    const { version } = JSON.parse(node('-p', 'JSON.stringify(require("./package.json"))').stdout) as {
      version: string
    }
    write('away/bin/ifab.cjs', '')
    cpSync(join(product, 'bin/ifab.cjs'), join(product, 'away/bin/ifab.cjs'))
    cpSync(join(product, 'package.json'), join(product, 'away/package.json'))

    expect(node('away/bin/ifab.cjs', '--version').stdout).toBe(`${version}\n`)
    expect(node('away/bin/ifab.cjs', '-V').stdout).toBe(`${version}\n`)
    expect(node('away/bin/ifab.cjs', 'where')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('npm run build'),
    })
  })

  it('ends with the exit code of main, and shares one error class between its chunks', () => {
    expect(node('bin/ifab.cjs', 'fail')).toMatchObject({ status: 7, stdout: 'a FabricError\n', stderr: '' })
  })

  it('carries its packages, finds the native one, and knows where it lies', () => {
    const { status, stdout } = node('bin/ifab.cjs', 'where')

    expect(status).toBe(0)
    expect(stdout).toMatch(/^function \{ one: 1.*\} file:\/\/.*\/dist\/cli\/where-\w+\.js\n$/)
  })

  it('loads only the chunk of the command that is asked for', () => {
    const other = readdirSync(join(product, 'dist/cli')).find((name) => name.startsWith('where-'))
    if (!other) throw new Error('the command `where` has no chunk of its own')
    const copy = join(product, 'copy')
    for (const path of ['bin', 'dist', 'package.json'])
      cpSync(join(product, path), join(copy, path), { recursive: true })
    rmSync(join(copy, 'dist/cli', other))

    expect(node(join(copy, 'bin/ifab.cjs'), 'fail').stdout).toBe('a FabricError\n')
  })
})

describe('the built library', () => {
  it('runs and type-checks in a strict NodeNext project of somebody else', () => {
    const consumer = join(product, 'consumer')
    mkdirSync(join(consumer, 'node_modules'), { recursive: true })
    symlinkSync(product, join(consumer, 'node_modules/infrafabric'))
    symlinkSync(join(ROOT, 'node_modules/zod'), join(consumer, 'node_modules/zod'))
    writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(consumer, 'use.ts'), CONSUMER)
    const flags = '--module nodenext --target es2023 --lib es2023 --strict --outDir out'.split(' ')
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')]
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')

    const compiled = spawnSync(process.execPath, [tsc, ...flags, ...types, 'use.ts'], {
      cwd: consumer,
      encoding: 'utf8',
    })
    const ran = spawnSync(process.execPath, ['out/use.js'], { cwd: consumer, encoding: 'utf8' })

    expect(compiled.stdout).toBe('')
    expect(ran).toMatchObject({ status: 0, stdout: '1 object 7\n' })
  })
})

describe('building again', () => {
  it('does nothing with --if-stale until a source changes', () => {
    expect(node('scripts/build.mjs', '--if-stale', 'cli').stdout).toBe('build: cli is up to date\n')

    write('src/cli/fail.ts', FAIL.replace('no answer', 'still no answer'))

    expect(node('scripts/build.mjs', '--if-stale', 'cli').stdout).toMatch(/^build: cli → dist\/cli/)
  })

  it('takes the old bundle away when a source does not compile', () => {
    write('src/cli/fail.ts', 'export function run( {')

    const { status, stderr } = node('scripts/build.mjs', 'cli')

    expect(status).toBe(1)
    expect(stderr).toContain('src/cli/fail.ts:1:')
    expect(existsSync(join(product, 'dist/cli'))).toBe(false)
  })

  it('skips visibly what has no entry', () => {
    rmSync(join(product, 'src/cli/main.ts'))

    expect(node('scripts/build.mjs', 'cli')).toMatchObject({
      status: 0,
      stdout: 'build: cli skipped, src/cli/main.ts does not exist\n',
    })
  })
})
