// Pins of package.json and the lock file: changing one is a decision.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))

const Names = z.record(z.string(), z.string())
const manifest = z
  .object({ bin: Names, scripts: Names, dependencies: Names, devDependencies: Names, version: z.string() })
  .parse(read('package.json'))
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        version: z.string().optional(),
        resolved: z.string().optional(),
        dev: z.boolean().optional(),
        hasInstallScript: z.boolean().optional(),
      }),
    ),
  })
  .parse(read('package-lock.json'))

it('names exact versions only', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })

  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

it('has at most eighteen runtime dependencies', () => {
  expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(18)
})

it('runs nothing on the machine of whoever installs the package, nor does any runtime dependency', () => {
  const own = ['preinstall', 'install', 'postinstall'].filter((name) => name in manifest.scripts)
  const inherited = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && !entry.dev && entry.hasInstallScript,
  )

  expect(own).toEqual([])
  expect(inherited.map(([path]) => path)).toEqual([])
})

it('takes every package from the public registry', () => {
  const elsewhere = Object.values(lock.packages)
    .map((entry) => entry.resolved)
    .filter((address) => address !== undefined && !address.startsWith('https://registry.npmjs.org/'))

  expect(elsewhere).toEqual([])
})

it('locks the version that package.json names', () => {
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })

  expect(wanted.filter(([name, version]) => lock.packages[`node_modules/${name}`]?.version !== version)).toEqual([])
})

it('has executable files where a shell expects them', () => {
  for (const path of [manifest.bin.ifab ?? '', '.ci/run'])
    expect(statSync(join(ROOT, path)).mode & 0o111, path).not.toBe(0)
})
