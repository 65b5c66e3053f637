// Node 20 cannot run TypeScript. Scripts that need a source file bundle it first: our own code goes into one file,
// packages stay imports.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { CACHE, ROOT } from './paths.mjs'

/**
 * Bundles a file of the repository and hands the bundle's path to `use`; the bundle is gone afterwards.
 * @template T
 * @param {string} path Relative to the root of the repository.
 * @param {(bundle: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withBundle(path, use) {
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(join(CACHE, 'bundle-'))
  try {
    const outfile = join(folder, 'bundle.mjs')
    await build({
      entryPoints: [join(ROOT, path)],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: 'inline',
      logLevel: 'warning',
    })
    return await use(outfile)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Imports a TypeScript file of the repository.
 * @param {string} path Relative to the root of the repository.
 * @returns {Promise<Record<string, any>>}
 */
export const loadSource = (path) => withBundle(path, (bundle) => import(pathToFileURL(bundle).href))
