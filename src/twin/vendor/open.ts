// Holds requests and answers against what a vendor published about its own API (Swagger 2 or OpenAPI 3.0).
// The description is read as it is: nothing in it is dereferenced, and a schema is compiled when it is first needed.
// Where the description is known to be wrong, the difference stands in disagreements.ts with its reason.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { JsonObject } from '../../foundation/index.ts'
import { checkRequest } from './check-request.ts'
import { checkResponse } from './check-response.ts'
import { type Disagreement, disagreementsOf } from './disagreements.ts'
import type { DescribedRequest, DescribedResponse, Problem } from './exchange.ts'
import { readOpenApi3 } from './openapi3.ts'
import { type DescribedOperation, findOperation } from './operation.ts'
import { readSwagger2 } from './swagger2.ts'

export interface VendorDescription {
  provider: string
  /** Names of the files that were read. */
  files: readonly string[]
  /** Where the description is known to be wrong; these places are not held against anyone. */
  disagreements: readonly Disagreement[]
  covers(method: string, path: string): boolean
  checkRequest(request: DescribedRequest): Problem[]
  checkResponse(response: DescribedResponse): Problem[]
}

/** The description of a provider in `<folder>/<providerId>/`; undefined where there is none. */
export async function openVendorDescription(
  folder: string,
  providerId: string,
): Promise<VendorDescription | undefined> {
  const home = join(folder, providerId)
  const names = await readdir(home).catch(() => [])
  const documents = await Promise.all(
    names.filter((name) => /\.(json|ya?ml)$/.test(name)).map((name) => readDescription(home, name)),
  )
  const known = documents.filter((document) => document !== undefined)
  if (known.length === 0) return undefined

  const operations = known.flatMap((document) => document.operations)
  const disagreements = disagreementsOf(providerId)
  const find = (method: string, path: string) => findOperation(operations, method, path)
  const unknown = (method: string, path: string): Problem[] => [
    { kind: 'route', where: `${method} ${path}`, message: 'the description has no such operation' },
  ]
  return {
    provider: providerId,
    files: known.map((document) => document.name),
    disagreements,
    covers: (method, path) => find(method, path) !== undefined,
    checkRequest: (request) => {
      const found = find(request.method, request.path)
      return found ? checkRequest(request, found, disagreements) : unknown(request.method, request.path)
    },
    checkResponse: (response) => {
      const found = find(response.method, response.path)
      return found ? checkResponse(response, found, disagreements) : unknown(response.method, response.path)
    },
  }
}

/** The folder of descriptions: `IFAB_SPECS`, else `shared/specs` beside the package; undefined where neither exists. */
export function vendorDescriptionsFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folder = env.IFAB_SPECS ?? join(packageFolder(dirname(fileURLToPath(import.meta.url))), '../shared/specs')
  return existsSync(folder) ? folder : undefined
}

/** The nearest folder upwards with a package.json: the bundle lies elsewhere in it than the source. */
function packageFolder(from: string): string {
  const above = dirname(from)
  return existsSync(join(from, 'package.json')) || above === from ? from : packageFolder(above)
}

async function readDescription(
  home: string,
  name: string,
): Promise<{ name: string; operations: DescribedOperation[] } | undefined> {
  const text = await readFile(join(home, name), 'utf8')
  const document = (extname(name) === '.json' ? JSON.parse(text) : parse(text)) as JsonObject
  if (document.swagger === '2.0') return { name, operations: readSwagger2(document) }
  if (String(document.openapi).startsWith('3.')) return { name, operations: readOpenApi3(document) }
  return undefined
}
