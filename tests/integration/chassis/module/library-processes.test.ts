// Several processes add modules to one home, and die while they do: what stands in the folder is whole.
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openModules } from '../../../../src/chassis/module/module-library.ts'
import { silentLogger } from '../../../../src/foundation/index.ts'
import { seededChance } from '../../../support/chance.ts'
import { signingKey } from '../../../support/signing-key.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../support/temporary.ts'
import { buildChild, type ChildProgram } from '../../child-process.ts'

const key = signingKey()
let program: ChildProgram
let home: TemporaryFolder
let folder: string
let keyFile: string

beforeAll(async () => {
  program = await buildChild(new URL('./adding-child.ts', import.meta.url))
})
afterAll(() => program.remove())

beforeEach(async () => {
  home = await temporaryFolder('library')
  folder = join(home.path, 'modules')
  keyFile = join(home.path, 'key.json')
  await writeFile(keyFile, JSON.stringify(key))
})
afterEach(() => home.remove())

const library = () => openModules({ folder, trustedKeys: async () => [key.trusted], logger: silentLogger })

it('of two processes that add the same versions one wins each, and no file is half', async () => {
  const children = [1, 2].map(() => program.start(folder, keyFile, 'echo', '12'))
  const said = await Promise.all(children.map((child) => child.rest()))
  const entries = await library().list()

  expect(said.map((lines) => lines.at(-1))).toEqual(['done', 'done'])
  expect(said.flat().filter((line) => line.startsWith('added'))).toHaveLength(12)
  expect(said.flat().filter((line) => line.startsWith('lost'))).toHaveLength(12)
  expect(entries.map(({ module }) => module?.id)).toEqual(Array.from({ length: 12 }, () => 'echo'))
  expect((await readdir(folder)).filter((file) => file.startsWith('.'))).toEqual([])
}, 120_000)

it('a process that is killed in the middle leaves whole files, and loses none that it said was added', async () => {
  const moments = seededChance(20_261_125)
  for (let round = 0; round < 5; round += 1) {
    const child = program.start(folder, keyFile, `echo-${round}`, '50')
    const added: (string | undefined)[] = []
    for (let count = moments.between(1, 4); count > 0; count -= 1) added.push(await child.line())
    await new Promise((resolve) => setTimeout(resolve, moments.between(0, 12)))
    await child.kill()

    const entries = (await library().list()).filter(({ id }) => id === `echo-${round}`)
    expect(entries.filter(({ fault }) => fault)).toEqual([])
    const stands = entries.map(({ id, version }) => `added ${id}@${version}`)
    for (const line of added) expect(stands).toContain(line)
  }
  for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
}, 120_000)
