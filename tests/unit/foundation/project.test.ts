import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findProject, parseProject, readProject } from '../../../src/foundation/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('project')
})
afterEach(() => folder.remove())

const TEXT = `version: 1
name: support
instances:
  shop:
    provider: stripe
    tags: { env: sandbox }
budgets:
  - { name: support-day, limit: 5 USD }
`

async function write(...path: string[]): Promise<string> {
  const file = join(folder.path, ...path, 'ifab.yaml')
  await mkdir(join(folder.path, ...path), { recursive: true })
  await writeFile(file, TEXT)
  return file
}

describe('the project of a folder', () => {
  it('is the nearest one, in the folder or above it', async () => {
    const outer = await write()
    const inner = await write('a', 'b')
    await mkdir(join(folder.path, 'a', 'b', 'c', 'd'), { recursive: true })

    expect(await findProject({ env: {}, from: join(folder.path, 'a', 'b', 'c', 'd') })).toBe(inner)
    expect(await findProject({ env: {}, from: join(folder.path, 'a') })).toBe(outer)
  })

  it('is none up to the root of the file system, and none in a folder that is gone', async () => {
    expect(await findProject({ env: {}, from: join(folder.path, 'gone', 'long', 'ago') })).toBeUndefined()
    expect(await findProject({ env: {}, from: '/' })).toBeUndefined()
  })

  it('is looked for from the folder of the process', async () => {
    const file = await write()
    const before = process.cwd()
    process.chdir(folder.path)
    try {
      expect(await findProject({ env: {} })).toBe(file)
    } finally {
      process.chdir(before)
    }
  })

  it('is what IFAB_PROJECT or the caller says, who wins; none means none', async () => {
    const [a, b] = [await write('a'), await write('b')]
    const from = join(folder.path, 'a')

    expect(await findProject({ env: { IFAB_PROJECT: b }, from })).toBe(b)
    expect(await findProject({ env: { IFAB_PROJECT: join(folder.path, 'b') }, from })).toBe(b)
    expect(await findProject({ env: { IFAB_PROJECT: b }, from, project: a })).toBe(a)
    expect(await findProject({ env: { IFAB_PROJECT: 'none' }, from })).toBeUndefined()
    expect(await findProject({ env: { IFAB_PROJECT: b }, project: 'none' })).toBeUndefined()
    expect(await findProject({ env: { IFAB_PROJECT: '' }, from })).toBe(a)
  })

  it.each([['nowhere'], ['nowhere/ifab.yaml'], ['.']])('is not found at %s, and says so', async (path) => {
    const named = join(folder.path, path)

    await expect(findProject({ env: { IFAB_PROJECT: named } })).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      message: expect.stringContaining('IFAB_PROJECT: there is no '),
    })
  })
})

describe('a project file', () => {
  it('has instances without secrets, budgets, and the line of each', async () => {
    const project = await readProject(await write())

    expect(project).toMatchObject({
      name: 'support',
      folder: folder.path,
      instances: { shop: { provider: 'stripe', tags: { env: 'sandbox' }, settings: {} } },
      budgets: [{ name: 'support-day', limit: 5_000_000 }],
    })
    expect(project.placeOf(['instances', 'shop', 'tags', 'env'])).toBe(`${folder.path}/ifab.yaml:6`)
  })

  it.each([
    ['version: 2\nname: x\n', ':1 version'],
    ['version: 1\n', ':1 name: is missing'],
    ['version: 1\nname: x\ninstanses: {}\n', ':3 unknown field "instanses"'],
    ['version: 1\nname: x\ninstances:\n  a b: { provider: stripe }\n', 'instances'],
    [
      'version: 1\nname: x\ninstances:\n  shop: { provider: stripe, secrets: { K: vault } }\n',
      'secrets never stand in a project',
    ],
    [
      'version: 1\nname: x\ninstances:\n  shop: { provider: stripe, twin: "http://127.0.0.1:1" }\n',
      'unknown field "twin"',
    ],
    [
      'version: 1\nname: x\ninstances:\n  shop: { provider: stripe, privateNetwork: true }\n',
      'unknown field "privateNetwork"',
    ],
    [
      'version: 1\nname: x\nbudgets:\n  - { name: a, limit: 1 USD }\n  - { name: a, limit: 2 USD }\n',
      ':5 budgets[1].name: a names two',
    ],
    ['version: 1\nname: x\nbudgets:\n  - { name: a, limit: -1 USD }\n', ':4 budgets[0].limit'],
    ['version: 1\nname: [\n', ':'],
    ['', 'ifab.yaml:1'],
  ])('that says %j is refused with its line', (text, problem) => {
    expect(() => parseProject(text, 'ifab.yaml')).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_FILE', message: expect.stringContaining(problem) }),
    )
  })

  it('that is a folder, a pipe, or far too large is refused at once', async () => {
    const paths = ['folder', 'pipe', 'large'].map((name) => join(folder.path, name))
    const [asFolder = '', asPipe = '', asLarge = ''] = paths
    await mkdir(asFolder)
    execFileSync('mkfifo', [asPipe])
    await writeFile(asLarge, `version: 1\nname: x # ${'x'.repeat(1024 * 1024)}\n`)

    for (const path of paths) {
      await expect(readProject(path)).rejects.toMatchObject({
        code: 'IF_ERR_INVALID_FILE',
        message: expect.stringMatching(/is no regular file|holds more than/),
      })
    }
  })

  it.skipIf(process.getuid?.() === 0)('that may not be read is refused, not skipped', async () => {
    const file = await write()
    await chmod(file, 0o000)

    await expect(readProject(file)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_FILE' })
  })
})
