import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openInstanceFiles } from '../../../src/adapter/index.ts'
import { instanceOf } from './fixtures/acme.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-instances-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('instances on disk', () => {
  it('come back as they were written, and leave no draft behind', async () => {
    const files = openInstanceFiles(folder)
    const [eu, us] = [instanceOf({ tags: { env: 'production' } }), instanceOf({ name: 'acme-us' })]

    await files.write(us)
    await files.write(eu)
    await files.write({ ...us, tags: { env: 'test' } })

    expect(await files.list()).toEqual([eu, { ...us, tags: { env: 'test' } }])
    expect(await files.get('acme-eu')).toEqual(eu)
    expect((await readdir(folder)).sort()).toEqual(['acme-eu.yaml', 'acme-us.yaml'])
  })

  it('are found or not, with the nearest name', async () => {
    const files = openInstanceFiles(folder)
    await files.write(instanceOf())

    expect(await files.find('other')).toBeUndefined()
    await expect(files.get('acme-ue')).rejects.toMatchObject({
      code: 'IF_ERR_UNKNOWN_PROVIDER',
      hint: expect.stringContaining('acme-eu'),
    })
    await expect(files.find('../evil')).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  })

  it('are removed once', async () => {
    const files = openInstanceFiles(folder)
    await files.write(instanceOf())

    await files.remove('acme-eu')

    await expect(files.remove('acme-eu')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(await files.list()).toEqual([])
  })

  it('with another name inside, or a secret written out, are refused with the line', async () => {
    const files = openInstanceFiles(folder)
    await files.write(instanceOf())
    const text = await readFile(join(folder, 'acme-eu.yaml'), 'utf8')
    await writeFile(join(folder, 'copy.yaml'), text)
    await writeFile(join(folder, 'leak.yaml'), text.replace('secrets: {}', 'secrets: { ACME_TOKEN: sk_live_1 }'))

    await expect(files.get('copy')).rejects.toThrow(/copy\.yaml:\d+ name: expected the name of the file, got "acme-eu"/)
    await expect(files.get('leak')).rejects.toThrow(/leak\.yaml:\d+ secrets\.ACME_TOKEN: .*never the secret itself/)
  })

  it('cannot be written or removed where the folder is gone', async () => {
    const files = openInstanceFiles(join(folder, 'missing'))

    await expect(files.write(instanceOf())).rejects.toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE' })
    expect(await files.list()).toEqual([])
    await writeFile(join(folder, 'file'), '')
    await expect(openInstanceFiles(join(folder, 'file')).remove('a')).rejects.toMatchObject({
      code: 'IF_ERR_HOME_UNUSABLE',
    })
  })
})
