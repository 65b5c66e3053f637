// Manifests of all providers.
//   node scripts/manifests.mjs --key FILE    generates each from its definition and signs it with this private key (PEM)
//   node scripts/manifests.mjs --check       verifies each: there, signed by a trusted key, and what its definition says
// A manifest that says the same and is signed by the same key is left as it is.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadSource } from './lib/load.mjs'
import { ROOT } from './lib/paths.mjs'

const { values } = parseArgs({ options: { key: { type: 'string' }, check: { type: 'boolean' } } })
if ((values.key === undefined) === !values.check) {
  console.error('manifests: give either --key FILE or --check')
  process.exit(2)
}

const adapter = await loadSource('src/adapter/index.ts')
const { PROVIDERS } = await loadSource('src/providers/index.generated.ts')
const trustedKeys = await adapter.loadTrustedKeys(join(ROOT, 'trust/keys.yaml'))

const failures = values.key === undefined ? await check() : await sign(await readFile(values.key, 'utf8'))
for (const failure of failures) console.error(`manifests: ${failure}`)
process.exitCode = failures.length > 0 ? 1 : 0

async function check() {
  const catalogue = adapter.openCatalogue({ providers: PROVIDERS, readManifest, trustedKeys })
  const results = await Promise.allSettled(catalogue.ids().map((/** @type {string} */ id) => catalogue.load(id)))
  console.log(`manifests: ${results.filter(({ status }) => status === 'fulfilled').length} of ${results.length} verify`)
  return results.flatMap((result) => (result.status === 'rejected' ? describe(result.reason) : []))
}

/** @param {string} privateKeyPem */
async function sign(privateKeyPem) {
  for (const { category, id, load } of PROVIDERS) {
    const manifest = adapter.generateManifest(await load(), `providers/${category}/${id}`)
    const text = adapter.formatManifest(adapter.signManifest(manifest, privateKeyPem))
    if ((await readManifest(category, id)) === text) continue
    const path = pathOf(category, id)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    console.log(`manifests: ${category}/${id} ${manifest.version} signed`)
  }
  return check()
}

/**
 * @param {string} category
 * @param {string} id
 */
function pathOf(category, id) {
  return join(ROOT, 'manifests', category, `${id}.yaml`)
}

/**
 * @param {string} category
 * @param {string} id
 * @returns {Promise<string | undefined>}
 */
async function readManifest(category, id) {
  try {
    return await readFile(pathOf(category, id), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** @param {Error & { hint?: string }} error */
function describe(error) {
  return error.hint ? `${error.message}. ${error.hint}` : error.message
}
