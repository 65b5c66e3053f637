// The modules of a home in a real folder: versions side by side, broken files beside whole ones, changes by others.
import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TrustedKey } from '../../../../src/adapter/index.ts'
import { newestFirst } from '../../../../src/chassis/module/module-folder.ts'
import { type ModuleChange, type ModuleLibrary, openModules } from '../../../../src/chassis/module/module-library.ts'
import { type Logger, silentLogger } from '../../../../src/foundation/index.ts'
import { sealedAgent } from '../../../support/module-files.ts'
import { signingKey } from '../../../support/signing-key.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../support/temporary.ts'

const key = signingKey('me')
let home: TemporaryFolder
let folder: string
let trusted: TrustedKey[]
let warnings: string[]
const opened: ModuleLibrary[] = []

beforeEach(async () => {
  home = await temporaryFolder('modules')
  folder = join(home.path, 'modules')
  trusted = [key.trusted]
  warnings = []
})

afterEach(async () => {
  for (const library of opened.splice(0)) library.close()
  await home.remove()
})

function library(): ModuleLibrary {
  const logger: Logger = {
    ...silentLogger,
    warn: (message, facts) => void warnings.push(`${message}: ${JSON.stringify(facts)}`),
  }
  const made = openModules({ folder, trustedKeys: async () => trusted, logger })
  opened.push(made)
  return made
}

const agent = (id: string, version = '1.0.0', script?: string) =>
  sealedAgent(key, { id, version, ...(script === undefined ? {} : { script }) })

const fileOf = (name: string) => join(folder, `${name}.ifwasm`)

describe('adding', () => {
  it('keeps the file under id and version, for its owner alone', async () => {
    const modules = library()
    const added = await modules.add(agent('echo'))

    expect(added).toMatchObject({ id: 'echo', version: '1.0.0', signedBy: 'me' })
    expect(await readdir(folder)).toEqual(['echo@1.0.0.ifwasm'])
    expect((await stat(fileOf('echo@1.0.0'))).mode & 0o777).toBe(0o600)
    expect(await modules.get('echo')).toMatchObject({ digest: added.digest })
  })

  it('takes a file by its path, and names it where it is refused', async () => {
    const path = join(home.path, 'mine.ifwasm')
    await writeFile(path, agent('echo'))

    expect(await library().add(path)).toMatchObject({ id: 'echo' })
    await writeFile(path, 'no wasm')
    await expect(library().add(path)).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining(`${path} at byte 0: `),
    })
    await expect(library().add(join(home.path, 'gone.ifwasm'))).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(library().add(home.path)).rejects.toMatchObject({ code: 'IF_ERR_MODULE_INVALID' })
  })

  it('writes nothing of what is not trusted', async () => {
    await expect(library().add(sealedAgent(signingKey()), { name: 'theirs.ifwasm' })).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_UNTRUSTED',
      message: expect.stringContaining('theirs.ifwasm is signed by a key that is not trusted'),
    })
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('of the same bytes again changes nothing', async () => {
    const modules = library()
    const first = await modules.add(agent('echo'))
    const before = await stat(fileOf('echo@1.0.0'))

    expect((await modules.add(agent('echo'))).digest).toBe(first.digest)
    expect((await stat(fileOf('echo@1.0.0'))).ino).toBe(before.ino)
  })

  it('of other bytes of the same version is refused, but replaces when it is told to', async () => {
    const modules = library()
    await modules.add(agent('echo'))
    const other = agent('echo', '1.0.0', 'export const execute = () => 2')

    await expect(modules.add(other)).rejects.toMatchObject({
      code: 'IF_ERR_ALREADY_EXISTS',
      message: 'there is a module echo@1.0.0 with other content',
    })
    const replaced = await modules.add(other, { replace: true })
    expect((await modules.get('echo')).digest).toBe(replaced.digest)
    expect(Buffer.from(await readFile(fileOf('echo@1.0.0')))).toEqual(Buffer.from(other))
  })

  it('is one winner where many add different bytes of one version at once', async () => {
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => library().add(agent('echo', '1.0.0', `export const execute = () => ${at}`))),
    )
    const won = made.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.digest] : []))

    expect(won).toHaveLength(1)
    expect((await library().get('echo')).digest).toBe(won[0])
    expect(await readdir(folder)).toEqual(['echo@1.0.0.ifwasm'])
  })

  it('removes drafts that a dead process left, and no younger ones', async () => {
    await mkdir(folder)
    const old = join(folder, '.draft-old')
    await writeFile(old, 'half')
    await utimes(old, new Date(0), new Date(0))
    await writeFile(join(folder, '.draft-young'), 'half')

    await library().add(agent('echo'))

    expect((await readdir(folder)).sort()).toEqual(['.draft-young', 'echo@1.0.0.ifwasm'])
  })

  it('says so where the folder cannot be written', async () => {
    await writeFile(folder, 'a file in the place of the folder')

    await expect(library().add(agent('echo'))).rejects.toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE' })
    await expect(library().list()).rejects.toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE' })
  })
})

describe('versions', () => {
  it('stand side by side, and the id alone means the highest', async () => {
    const modules = library()
    for (const version of ['1.9.0', '1.10.0', '0.99.99']) await modules.add(agent('echo', version))

    expect((await modules.get('echo')).version).toBe('1.10.0')
    expect((await modules.get('echo@1.9.0')).version).toBe('1.9.0')
    expect((await modules.list()).map(({ version, active }) => [version, active])).toEqual([
      ['1.10.0', true],
      ['1.9.0', false],
      ['0.99.99', false],
    ])
  })

  it('are ordered by their numbers', () => {
    expect(
      ['1.2.3', '1.10.0', '1.2.10', '99999999999999999999.0.0', '', '99999999999999999998.0.0'].sort(newestFirst),
    ).toEqual(['99999999999999999999.0.0', '99999999999999999998.0.0', '1.10.0', '1.2.10', '1.2.3', ''])
  })

  it('are removed one by one, the active one by its id', async () => {
    const modules = library()
    await modules.add(agent('echo', '1.0.0'))
    await modules.add(agent('echo', '2.0.0'))

    expect(await modules.remove('echo')).toEqual({ id: 'echo', version: '2.0.0' })
    expect((await modules.get('echo')).version).toBe('1.0.0')
    await modules.remove('echo@1.0.0')
    await expect(modules.get('echo')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(modules.remove('echo')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('that are not there are told with what is near', async () => {
    const modules = library()
    await modules.add(agent('acme-mail', '1.2.0'))

    await expect(modules.get('acme-mial')).rejects.toMatchObject({ hint: expect.stringContaining('`acme-mail`') })
    await expect(modules.get('acme-mail@1.3.0')).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      message: 'there is no module "acme-mail@1.3.0"',
      hint: expect.stringContaining('`acme-mail@1.2.0`'),
    })
  })
})

describe('a broken file', () => {
  it('is skipped with one warning, listed with its fault, and can be removed', async () => {
    const modules = library()
    await modules.add(agent('echo', '1.0.0'))
    await writeFile(fileOf('echo@2.0.0'), 'half a module')

    expect((await modules.get('echo')).version).toBe('1.0.0')
    await modules.get('echo')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('echo@2.0.0.ifwasm')
    const [broken, whole] = await modules.list()
    expect(broken).toMatchObject({ version: '2.0.0', active: false, fault: { code: 'IF_ERR_MODULE_INVALID' } })
    expect(whole).toMatchObject({ version: '1.0.0', active: true, module: { id: 'echo' } })
    await expect(modules.get('echo@2.0.0')).rejects.toMatchObject({ code: 'IF_ERR_MODULE_INVALID' })
    await modules.remove('echo@2.0.0')
    expect(await modules.list()).toHaveLength(1)
  })

  it('alone tells what is wrong with it', async () => {
    await mkdir(folder)
    await writeFile(fileOf('echo@1.0.0'), 'half a module')

    await expect(library().get('echo')).rejects.toMatchObject({ code: 'IF_ERR_MODULE_INVALID' })
  })

  it('is one whose name is not that of its module, and one that is no file', async () => {
    const modules = library()
    await modules.add(agent('echo'))
    await link(fileOf('echo@1.0.0'), fileOf('stripe@9.0.0'))
    await link(fileOf('echo@1.0.0'), fileOf('plain'))
    await mkdir(fileOf('folder@1.0.0'))

    const faults = (await modules.list()).flatMap(({ id, fault }) => (fault ? [[id, fault.message]] : []))

    expect(faults).toEqual([
      ['folder', expect.stringContaining('this is not a file')],
      ['plain', expect.stringContaining('it is echo 1.0.0, so its name would be echo@1.0.0.ifwasm')],
      ['stripe', expect.stringContaining('it is echo 1.0.0')],
    ])
  })

  it('is whole again when its bytes are', async () => {
    const modules = library()
    await mkdir(folder)
    await writeFile(fileOf('echo@1.0.0'), 'half')
    await expect(modules.get('echo')).rejects.toMatchObject({ code: 'IF_ERR_MODULE_INVALID' })
    await writeFile(fileOf('echo@1.0.0'), agent('echo'))

    expect(await modules.get('echo')).toMatchObject({ id: 'echo' })
  })
})

it('verifies a file once for as long as nothing changes', async () => {
  const modules = library()
  await modules.add(agent('echo'))

  expect(await modules.get('echo')).toBe(await modules.get('echo@1.0.0'))
})

it('other files in the folder do not matter', async () => {
  const modules = library()
  await modules.add(agent('echo'))
  await writeFile(join(folder, 'README.md'), 'notes')
  await writeFile(join(folder, '.hidden.ifwasm'), 'notes')

  expect(await modules.list()).toHaveLength(1)
})

describe('followed', () => {
  async function followed() {
    const modules = library()
    const changes: string[] = []
    const told = (change: ModuleChange) => {
      const { version } = change.kind === 'added' ? change.module : change
      changes.push(`${change.kind} ${version}`)
    }
    return { modules, changes, follow: () => modules.follow(told) }
  }

  it('tells of what another process adds, replaces and removes, with the digest that is gone', async () => {
    const [mine, other] = [library(), library()]
    const changes: ModuleChange[] = []
    await mine.follow((change) => void changes.push(change))
    const first = await other.add(agent('echo'))
    await vi.waitFor(() => expect(changes).toHaveLength(1), 20_000)
    expect(changes[0]).toMatchObject({ kind: 'added', module: { digest: first.digest } })

    const second = await other.add(agent('echo', '1.0.0', 'export const execute = () => 2'), { replace: true })
    await vi.waitFor(() => expect(changes).toHaveLength(3), 20_000)
    expect(changes.slice(1)).toMatchObject([
      { kind: 'gone', id: 'echo', version: '1.0.0', digest: first.digest },
      { kind: 'added', module: { digest: second.digest } },
    ])
    expect((await mine.get('echo')).digest).toBe(second.digest)

    await other.remove('echo')
    await vi.waitFor(() => expect(changes).toHaveLength(4), 20_000)
    expect(changes[3]).toEqual({ kind: 'gone', id: 'echo', version: '1.0.0', digest: second.digest })
    await expect(mine.get('echo')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('knows at once of what it does itself', async () => {
    const { modules, changes, follow } = await followed()
    await modules.add(agent('echo', '1.0.0'))
    await modules.get('echo')
    await follow()
    await modules.add(agent('echo', '2.0.0'))
    expect((await modules.get('echo')).version).toBe('2.0.0')
    await modules.remove('echo')

    expect(changes).toEqual(['added 2.0.0', 'gone 2.0.0'])
    expect((await modules.get('echo')).version).toBe('1.0.0')
  })

  it('says nothing of what nobody was given, and goes', async () => {
    const { modules, changes, follow } = await followed()
    await library().add(agent('echo', '1.0.0'))
    await follow()
    await modules.remove('echo@1.0.0')

    expect(changes).toEqual(['gone 1.0.0'])
  })

  it('skips a broken file that comes, with a warning, and goes on', async () => {
    const { changes, follow } = await followed()
    await library().add(agent('echo', '1.0.0'))
    await follow()
    await writeFile(fileOf('echo@3.0.0'), 'half')
    await library().add(agent('echo', '2.0.0'))

    await vi.waitFor(() => expect(changes).toEqual(['added 2.0.0']), 20_000)
    expect(warnings.filter((warning) => warning.includes('echo@3.0.0'))).toHaveLength(1)
  })

  it('lets go of modules whose key is no longer trusted, and takes them when it is', async () => {
    const { modules, changes, follow } = await followed()
    await modules.add(agent('echo'))
    await modules.get('echo')
    await follow()
    trusted = [{ ...key.trusted, revokedAt: '2020-01-01T00:00:00Z' }]
    await vi.waitFor(() => expect(changes).toEqual(['gone 1.0.0']), 20_000)
    await expect(modules.get('echo')).rejects.toMatchObject({ code: 'IF_ERR_MODULE_UNTRUSTED' })

    trusted = [key.trusted]
    await vi.waitFor(() => expect(changes).toEqual(['gone 1.0.0', 'added 1.0.0']), 20_000)
  })

  it('goes on with what it knows while the trusted keys cannot be read, and says so once', async () => {
    let isBroken = false
    const keys = async () => {
      if (isBroken) throw new Error('keys.yaml is wrong')
      return trusted
    }
    const logger: Logger = {
      ...silentLogger,
      warn: (message, facts) => void warnings.push(`${message} ${facts?.reason}`),
    }
    const modules = openModules({ folder, trustedKeys: keys, logger })
    opened.push(modules)
    await modules.add(agent('echo'))
    await modules.follow(() => undefined)
    isBroken = true

    await vi.waitFor(() => expect(warnings).toEqual(['modules cannot be followed now keys.yaml is wrong']), 20_000)
    expect(await modules.get('echo')).toMatchObject({ id: 'echo' })
  })

  it('says nothing any more once it is closed', async () => {
    const { modules, changes, follow } = await followed()
    await follow()
    modules.close()
    await library().add(agent('echo'))

    expect(await modules.get('echo')).toMatchObject({ id: 'echo' })
    expect(changes).toEqual([])
    await rm(folder, { recursive: true })
  })
})
