import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openInstanceFiles } from '../../../src/adapter/index.ts'
import { instanceOf } from './fixtures/acme.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-create-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const nothing = async () => {}

it('lets one of several that create the same instance at once prepare it, and tells the others', async () => {
  const prepared: number[] = []
  const all = [1, 2, 3].map((at) =>
    openInstanceFiles(folder).create(instanceOf({ tags: { at: String(at) } }), async () => void prepared.push(at)),
  )
  const outcomes = await Promise.allSettled(all)

  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })
  }
  expect(prepared).toHaveLength(1)
  expect(await openInstanceFiles(folder).get('acme-eu')).toMatchObject({ tags: { at: String(prepared[0]) } })
  expect(await readdir(folder)).toEqual(['acme-eu.yaml'])
})

it('does not prepare an instance that is there already', async () => {
  const files = openInstanceFiles(folder)
  await files.create(instanceOf(), nothing)

  const again = files.create(instanceOf({ tags: { at: 'again' } }), () => Promise.reject(new Error('prepared')))

  await expect(again).rejects.toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })
  expect((await files.get('acme-eu')).tags).toEqual({})
})

it('leaves nothing where the preparation fails, so that it can be tried again', async () => {
  const files = openInstanceFiles(folder)

  await expect(files.create(instanceOf(), () => Promise.reject(new Error('no key')))).rejects.toThrow('no key')
  expect(await readdir(folder)).toEqual([])

  await files.create(instanceOf(), nothing)
  expect(await readdir(folder)).toEqual(['acme-eu.yaml'])
})

it('takes over from a process that died while it added, and only then', async () => {
  const files = openInstanceFiles(folder)
  const draft = join(folder, 'acme-eu.yaml.adding')
  await writeFile(draft, 'version: 1\n')

  await expect(files.create(instanceOf(), nothing)).rejects.toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })

  await utimes(draft, new Date(0), new Date(0))
  await files.create(instanceOf(), nothing)
  expect(await readdir(folder)).toEqual(['acme-eu.yaml'])
})

it('is refused where the folder is gone', async () => {
  const files = openInstanceFiles(join(folder, 'missing'))

  await expect(files.create(instanceOf(), nothing)).rejects.toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE' })
})
