// schemas/*.schema.json: the JSON Schema of every file that a user writes; schemas/guard.cedarschema: what policies are
// held to, with every operation of the manifests.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'
import { ROOT } from '../lib/paths.mjs'

export const source = 'src/schemas.ts'
export const owns = 'schemas'

export async function outputs() {
  const { SCHEMAS } = await loadSource(source)
  const { cedarSchemaOf, operationFactsOf } = await loadSource('src/guard/index.ts')
  return {
    ...Object.fromEntries(
      Object.entries(SCHEMAS).map(([name, schema]) => [
        `schemas/${name}`,
        `${JSON.stringify({ $comment: GENERATED, ...schema() }, null, 2)}\n`,
      ]),
    ),
    'schemas/guard.cedarschema': `// ${GENERATED}\n${cedarSchemaOf(operationFactsOf(await manifests()))}`,
  }
}

async function manifests() {
  const files = await readdir(join(ROOT, 'manifests'), { recursive: true })
  const texts = files
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readFile(join(ROOT, 'manifests', name), 'utf8'))
  return (await Promise.all(texts)).map((text) => parse(text))
}
