// Makes everything in dist/ from src/: the bundled command, the library, the sandbox's worker, and type declarations.
//   node scripts/build.mjs [--if-stale] [cli] [library] [worker] [types]      (all of them without a name)
// Runs in `prepare`, so `npm ci` alone leaves a runnable `ifab`; with --if-stale, because the first `npx ifab` runs
// `prepare` again. A part is built beside the old one and then swapped in;
// when building fails, the old part is removed, so that nothing ever runs yesterday's code by accident.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { ROOT } from './lib/paths.mjs'

const esbuild = await import('esbuild').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || process.env.npm_lifecycle_event !== 'prepare') throw error
  console.log('build: skipped, esbuild is not installed (`npm ci` without --omit=dev builds)')
  process.exit(0)
})

const PARTS = {
  cli: { entry: 'src/cli/main.ts', build: buildCli },
  library: { entry: 'src/index.ts', build: buildLibrary },
  worker: { entry: 'src/chassis/guest/worker.ts', build: buildWorker },
  types: { entry: 'src/index.ts', build: buildTypes },
}

const common = /** @satisfies {import('esbuild').BuildOptions} */ (
  /** @type {const} */ ({
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    logLevel: 'warning',
  })
)

/** What `import.meta.url` becomes in CommonJS. */
const OWN_URL = {
  define: { 'import.meta.url': '__importMetaUrl' },
  banner: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href",
}

/** What a build is made from; a folder counts too, because a file may have gone from it. */
const INPUTS = ['src', 'scripts/build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']

const ifStale = process.argv.includes('--if-stale')
const asked = process.argv.slice(2).filter((argument) => argument !== '--if-stale')
const unknown = asked.find((name) => !(name in PARTS))
if (unknown) throw new Error(`build: there is no part "${unknown}"; parts are ${Object.keys(PARTS).join(', ')}`)

const results = await Promise.allSettled(
  Object.entries(PARTS)
    .filter(([name]) => asked.length === 0 || asked.includes(name))
    .map(([name, part]) => buildPart(name, part)),
)
for (const result of results) {
  if (result.status === 'fulfilled') continue
  console.error(result.reason instanceof Error ? result.reason.message : result.reason)
  process.exitCode = 1
}

/**
 * @param {string} name
 * @param {{ entry: string, build: (folder: string) => Promise<void> }} part
 */
async function buildPart(name, part) {
  const folder = join(ROOT, 'dist', name)
  const fresh = join(ROOT, 'dist', `.${name}-${process.pid}`)
  try {
    if (!existsSync(join(ROOT, part.entry))) {
      await rm(folder, { recursive: true, force: true })
      console.log(`build: ${name} skipped, ${part.entry} does not exist`)
      return
    }
    if (ifStale && (await changedAt(folder)) > (await newestInput())) {
      console.log(`build: ${name} is up to date`)
      return
    }
    const startedAt = new Date()
    await part.build(fresh)
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
    // A source that changed while we built is newer than the build.
    await utimes(folder, startedAt, startedAt)
    console.log(`build: ${name} → dist/${name} (${Date.now() - startedAt.getTime()} ms)`)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw new Error(`build: ${name} failed: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/**
 * CommonJS starts 20 ms faster than ESM on Node 20, but esbuild splits only ESM: so split first, then turn each chunk
 * into CommonJS. Everything is inside but libsql and esbuild, which find their own native binaries.
 * @param {string} folder
 */
async function buildCli(folder) {
  const result = await esbuild.build({
    ...common,
    entryPoints: [PARTS.cli.entry],
    outdir: folder,
    external: ['libsql'],
    legalComments: 'none',
    write: false,
  })
  const main = Object.values(result.metafile.outputs).find((output) => output.entryPoint === PARTS.cli.entry)
  if (!main?.exports.includes('main')) throw new Error(`${PARTS.cli.entry} must export main(argv)`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n')
  await Promise.all(
    result.outputFiles.map(async (file) => {
      const { code } = await esbuild.transform(requireChunks(file.text), {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        define: OWN_URL.define,
        ...(file.text.includes('import.meta.url') && { banner: OWN_URL.banner }),
      })
      await writeFile(file.path, code)
    }),
  )
}

/**
 * Only our own chunks: an `import()` of anything else (a file of the user) stays one.
 * @param {string} code
 */
function requireChunks(code) {
  return code.replace(/\bimport\(("\.\/[^"]+\.js")\)/g, 'Promise.resolve().then(() => require($1))')
}

/**
 * Packages stay imports, so that the library and its user share one zod.
 * @param {string} folder
 */
async function buildLibrary(folder) {
  await esbuild.build({ ...common, entryPoints: [PARTS.library.entry], outdir: folder, packages: 'external' })
}

/**
 * One file with everything inside: a worker thread of the sandbox must not look for packages, and starts faster so.
 * @param {string} folder
 */
async function buildWorker(folder) {
  await esbuild.build({
    ...common,
    entryPoints: { 'guest-worker': PARTS.worker.entry },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    splitting: false,
    format: 'cjs',
    define: OWN_URL.define,
    banner: { js: OWN_URL.banner },
    legalComments: 'none',
  })
  await meterQuickJs(folder)
}

/**
 * The interpreter of scripts, metered once here: that costs a fifth of a second, which no command should pay.
 * @param {string} folder
 */
async function meterQuickJs(folder) {
  const entry = join(folder, 'meter.mjs')
  await esbuild.build({
    ...common,
    entryPoints: ['src/chassis/guest/quickjs-module.ts'],
    outfile: entry,
    splitting: false,
    packages: 'external',
  })
  /** @type {{ meterQuickJs(): Promise<Uint8Array> }} */
  const { meterQuickJs } = await import(pathToFileURL(entry).href)
  await writeFile(join(folder, 'quickjs-metered.wasm'), await meterQuickJs())
  await rm(entry)
}

/** @param {string} folder */
async function buildTypes(folder) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: ROOT,
  }).catch((error) => {
    throw new Error(`\n${error.stdout || error.message}`, { cause: error })
  })
}

async function newestInput() {
  const paths = INPUTS.map(async (input) => {
    const inside = await readdir(join(ROOT, input), { recursive: true }).catch(() => [])
    return [input, ...inside.map((path) => join(input, path))]
  })
  const all = (await Promise.all(paths)).flat()
  return Math.max(...(await Promise.all(all.map((path) => changedAt(join(ROOT, path))))))
}

/**
 * Milliseconds; -Infinity for what does not exist.
 * @param {string} path
 */
function changedAt(path) {
  return stat(path).then(
    (stats) => stats.mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  )
}
