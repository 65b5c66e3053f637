// src/providers/index.generated.ts: every provider by id, loaded only when asked for. A provider is the default export
// of src/providers/<category>/<id>.ts, or of <category>/<id>/index.ts where one file would be too long.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { GENERATED } from '../lib/header.mjs'
import { ROOT } from '../lib/paths.mjs'

export const source = 'src/providers'

export async function outputs() {
  const providers = (await Promise.all((await folders(source)).map(ofCategory))).flat()
  providers.sort((a, b) => (a.id < b.id ? -1 : 1))
  const twice = providers.find(({ id }, at) => providers[at + 1]?.id === id)
  if (twice) throw new Error(`src/providers: two files define the provider "${twice.id}"`)
  return { 'src/providers/index.generated.ts': moduleText(providers) }
}

/** @param {{ id: string, category: string, path: string }[]} providers */
function moduleText(providers) {
  const lines = providers.map(
    ({ id, category, path }) =>
      `  { id: '${id}', category: '${category}', load: async () => (await import('${path}')).default },`,
  )
  return `// ${GENERATED}
/** Every provider by id, sorted; \`load\` imports its definition. */
export const PROVIDERS = [${lines.map((line) => `\n${line}`).join('')}${lines.length > 0 ? '\n' : ''}] as const
`
}

/** @param {string} category */
async function ofCategory(category) {
  const entries = await readdir(join(ROOT, source, category), { withFileTypes: true })
  return entries.map((entry) => {
    const id = entry.isDirectory() ? entry.name : entry.name.replace(/\.ts$/, '')
    const path = `./${category}/${entry.isDirectory() ? `${id}/index.ts` : entry.name}`
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) throw new Error(`src/providers/${path.slice(2)}: not a provider's name`)
    return { id, category, path }
  })
}

/** @param {string} path */
async function folders(path) {
  const entries = await readdir(join(ROOT, path), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}
