import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findWorkerFile } from '../../../../src/chassis/pool/worker-file.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

describe("the worker's file", () => {
  it.each(['dist/cli/chunk-AB.cjs', 'dist/library/index.js', 'src/chassis/pool/worker-file.ts'])(
    'is found from %s',
    async (from) => {
      const root = await temporaryFolder('worker-file')
      const file = join(root.path, 'dist', 'worker', 'guest-worker.cjs')
      await mkdir(join(root.path, 'dist', 'worker'), { recursive: true })
      await writeFile(file, '')

      const found = findWorkerFile(pathToFileURL(join(root.path, from)))

      await root.remove()
      expect(found).toBe(file)
    },
  )

  it('is missed with a word on what to do', () => {
    expect(() => findWorkerFile(new URL('file:///nowhere/at/all.js'))).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INTERNAL', hint: expect.stringContaining('build.mjs worker') }),
    )
  })
})
