// docs/conformance.md: by which word of others each operation of a provider is checked. The words are recorded beside the
// tests that check them (tests/contract/conformance/), so the table can be made where no vendor's description is at hand.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'
import { ROOT } from '../lib/paths.mjs'

/** The index of providers is derived itself, and is there whenever this is. */
export const source = 'src/adapter/index.ts'
const INDEX = 'src/providers/index.generated.ts'

/** @typedef {{ described?: { by: string[], operations: string[] }, clients: Record<string, string[]>, peers: Record<string, string[]> }} Recorded */

export async function outputs() {
  const { definedOperations } = await loadSource('src/adapter/index.ts')
  const { PROVIDERS } = await loadSource(INDEX)
  const parts = await Promise.all(
    PROVIDERS.map(async (/** @type {any} */ provider) => {
      const definition = await provider.load()
      return section(definition, definedOperations(definition), await recorded(definition.id))
    }),
  )
  return { 'docs/conformance.md': page(parts) }
}

/** @param {string} id @returns {Promise<Recorded>} */
async function recorded(id) {
  const path = join(ROOT, `tests/contract/conformance/${id}.json`)
  return existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : { clients: {}, peers: {} }
}

/** @param {string[]} parts */
const page = (parts) => `<!-- ${GENERATED} -->
# Conformance

By whose word an operation is right. Each column is a test; nothing is entered by hand.

- **described**: the requests of its examples, and the answers that they show, are what the vendor's own description has
  (\`tests/contract/providers/\`; the description is not in this repository, the record of what it took is).
- **twin**: the twin plays it. That alone proves nothing: definition and twin may share a mistake.
- **vendor's client**: the vendor's own client did it at the twin and was content with the answer (\`tests/integration/twin/\`).
- **real peer**: it was done at a real server.

Where a description or the catalogue of facts and the definition are known to differ, the reason stands in \`tests/contract/deviations/\`
or beside the definition.

${parts.join('\n\n')}
`

/**
 * @param {any} definition
 * @param {any[]} operations
 * @param {Recorded} record
 */
function section(definition, operations, { described, clients, peers }) {
  const rows = operations.map(({ id }) => {
    const cells = [
      described?.operations.includes(id) ? 'yes' : '–',
      isPlayed(definition, id) ? 'yes' : '–',
      namesOf(clients, id),
      namesOf(peers, id),
    ]
    return `| \`${id}\` | ${cells.join(' | ')} |`
  })
  const by = described
    ? `Described by ${described.by.map((file) => `\`${file}\``).join(', ')}.`
    : 'No description of the vendor is held against it.'
  return `## ${definition.id}

${definition.name}. ${by}

| operation | described | twin | vendor's client | real peer |
|---|---|---|---|---|
${rows.join('\n')}`
}

/**
 * @param {any} definition
 * @param {string} id
 */
function isPlayed({ id: provider, twin, operations, native }, id) {
  const name = id.replace(`${provider}:`, '')
  const operation = operations[id] ?? native?.[name]
  const example = operation.examples[0]
  if (operation.request(example.input).transport === 'websocket') return twin.socket !== undefined
  return name in twin.operations || id in twin.operations
}

/**
 * @param {Record<string, string[]>} record
 * @param {string} id
 */
const namesOf = (record, id) =>
  Object.entries(record)
    .filter(([, operations]) => operations.includes(id))
    .map(([name]) => `\`${name}\``)
    .join(', ') || '–'
