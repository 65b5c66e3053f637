// docs/providers/: a page for each provider from its definition, and the list of them.
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'
import { providerPage } from '../lib/provider-page.mjs'

/** The index of providers is derived itself, and is there whenever this is. */
export const source = 'src/adapter/index.ts'
const INDEX = 'src/providers/index.generated.ts'
export const owns = 'docs/providers'

export async function outputs() {
  const { definedOperations } = await loadSource('src/adapter/index.ts')
  const { assignmentWords } = await loadSource('src/cli/output/shell-words.ts')
  const { PROVIDERS } = await loadSource(INDEX)
  const definitions = await Promise.all(PROVIDERS.map((/** @type {any} */ provider) => provider.load()))
  const pages = definitions.map((definition) => [
    `docs/providers/${definition.id}.md`,
    `<!-- ${GENERATED} -->\n${providerPage(definition, { definedOperations, assignmentWords })}`,
  ])
  return { ...Object.fromEntries(pages), 'docs/providers/README.md': list(definitions, definedOperations) }
}

/**
 * @param {any[]} definitions
 * @param {(definition: any) => any[]} definedOperations
 */
function list(definitions, definedOperations) {
  const rows = definitions.map((definition) => {
    const { id, name, category } = definition
    const operations = definedOperations(definition)
    const standard = operations.filter(({ native }) => !native).map((operation) => `\`${operation.id}\``)
    const natives = operations
      .filter(({ native }) => native)
      .map((operation) => `\`${operation.id.replace(`${id}:`, '')}\``)
    return `| [${name}](${id}.md) | ${category} | ${standard.join(', ')} | ${natives.join(', ')} |`
  })
  return `<!-- ${GENERATED} -->
# Providers

| provider | category | standard operations | native |
|---|---|---|---|
${rows.join('\n')}

How each was checked: [conformance](../conformance.md). How to add one: [adding a provider](../adding-a-provider.md).
`
}
