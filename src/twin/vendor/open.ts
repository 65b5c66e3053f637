// Holds requests and answers against what a vendor published about its own API. The description is read as it is:
// nothing in it is dereferenced, and a schema is compiled when it is first needed. Where it is known to be wrong, the
// provider's definition says so with its reason.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Described, DescriptionFault } from '../../adapter/index.ts'
import { checkRequest } from './check-request.ts'
import { checkResponse } from './check-response.ts'
import type { DescribedRequest, DescribedResponse, Problem } from './exchange.ts'
import { isExcused, routeOf } from './faults.ts'
import { type DescribedOperation, findOperations } from './operation.ts'
import { readDescription } from './read-description.ts'

export interface VendorDescription {
  provider: string
  /** Names of the files that were read. */
  files: readonly string[]
  /** Where the description is known to be wrong; these places are not held against anyone. */
  faults: readonly DescriptionFault[]
  /** `marked`: query and body, where operations of one path are told apart by them. */
  covers(method: string, path: string, marked?: Partial<Pick<DescribedRequest, 'query' | 'body'>>): boolean
  checkRequest(request: DescribedRequest): Problem[]
  checkResponse(response: DescribedResponse): Problem[]
}

/** Of a definition, what says where its vendor's description lies. */
export interface DescribedProvider {
  id: string
  twin: { described?: Described }
}

/** The description of a provider in `<folder>/<provider's folder>/`; undefined where there is none. */
export async function openVendorDescription(
  folder: string,
  { id, twin }: DescribedProvider,
): Promise<VendorDescription | undefined> {
  const { folder: own = id, files = /./, faults = [] } = twin.described ?? {}
  const home = join(folder, own)
  const names = await readdir(home).catch(() => [])
  const documents = await Promise.all(
    names
      .filter((name) => /\.(json|ya?ml)$/.test(name) && files.test(name))
      .sort()
      .map((name) => readDescription(join(home, name), name)),
  )
  const known = documents.filter((document) => document !== undefined)
  if (known.length === 0) return undefined

  const operations = known.flatMap((document) => document.operations)
  return {
    provider: id,
    files: known.map((document) => document.name),
    faults,
    covers: (method, path, marked = {}) => findOperations(operations, { ...marked, method, path }).length > 0,
    checkRequest: (request) => leastProblems(operations, request, faults, (found) => checkRequest(request, found)),
    checkResponse: (response) =>
      leastProblems(operations, { ...response, body: response.sent }, faults, ({ operation }) =>
        checkResponse(response, operation, faults),
      ),
  }
}

/** Several operations may share a path and say it only in prose: what one of them takes is taken. */
function leastProblems(
  operations: readonly DescribedOperation[],
  asked: Pick<DescribedRequest, 'method' | 'path'> & Partial<Pick<DescribedRequest, 'query' | 'body'>>,
  faults: readonly DescriptionFault[],
  check: (found: ReturnType<typeof findOperations>[number]) => Problem[],
): Problem[] {
  const candidates = findOperations(operations, asked)
  if (candidates.length === 0) {
    const where = `${asked.method.toUpperCase()} ${asked.path}`
    const problem: Problem = { kind: 'route', where, message: 'the description has no such operation' }
    return isExcused(faults, where, problem) ? [] : [problem]
  }
  const results = candidates.map((found) =>
    check(found).filter((problem) => !isExcused(faults, routeOf(found.operation), problem)),
  )
  return results.reduce((least, problems) => (problems.length < least.length ? problems : least))
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
