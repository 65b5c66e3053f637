// Writes every file that is derived from the sources, or, with --check, fails naming each that is not what it would be.
// A generator is a module in scripts/generators/:
//   source   the file it derives from; it is skipped, visibly, while that does not exist
//   owns     a folder that holds nothing but its output, where files that it no longer makes are stale (optional)
//   outputs  () → { path: text }
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from './lib/paths.mjs'

/** @typedef {{ source: string, owns?: string, outputs: () => Promise<Record<string, string>> }} Generator */

const check = process.argv.includes('--check')
const stale = []
let count = 0

/** The index of providers is a source of other generators, so it comes first. */
const INDEX = 'providers.mjs'
const others = (await readdir(join(ROOT, 'scripts/generators'))).filter((file) => file !== INDEX)

for (const file of [INDEX, ...others.sort()]) {
  /** @type {Generator} */
  const generator = await import(`./generators/${file}`)
  if (!existsSync(join(ROOT, generator.source))) {
    console.log(`generate: ${file} skipped, ${generator.source} does not exist`)
    continue
  }
  const outputs = await generator.outputs().catch((error) => {
    console.error(`generate: ${file} failed: ${error.message}`)
    process.exitCode = 1
  })
  if (!outputs) continue
  for (const path of await leftovers(generator, outputs)) {
    stale.push(path)
    if (!check) await rm(join(ROOT, path))
  }
  for (const [path, text] of Object.entries(outputs)) {
    count += 1
    if ((await readFile(join(ROOT, path), 'utf8').catch(() => undefined)) === text) continue
    stale.push(path)
    if (!check) await write(join(ROOT, path), text)
  }
}

if (check && stale.length > 0) {
  for (const path of stale) console.error(`generate: ${path} is not what its source gives; run \`npm run generate\``)
  process.exitCode = 1
} else {
  for (const path of stale) console.log(`generate: ${path} ${existsSync(join(ROOT, path)) ? 'written' : 'removed'}`)
}
console.log(`generate: ${count} files, ${stale.length} ${check ? 'stale' : 'changed'}`)

/**
 * @param {Generator} generator
 * @param {Record<string, string>} outputs
 */
async function leftovers({ owns }, outputs) {
  if (!owns || !existsSync(join(ROOT, owns))) return []
  const files = await readdir(join(ROOT, owns), { recursive: true, withFileTypes: true })
  return files
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((path) => !(path in outputs))
}

/**
 * @param {string} path
 * @param {string} text
 */
async function write(path, text) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
