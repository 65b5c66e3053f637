// For those who write policies: checks and table tests of files, which need no home.
import { readFile } from 'node:fs/promises'
import { FabricError } from '../foundation/index.ts'
import { type CaseResult, checkPolicies, operationFactsOf, type PolicyCheck, testPolicies } from '../guard/index.ts'
import { openPackageCatalogue } from './catalogue.ts'
import { policySchema } from './compose-guard.ts'

/** Everything that is wrong with these files together; IF_ERR_NOT_FOUND where there is no such file. */
export async function checkPolicyFiles(
  paths: readonly string[],
  { groups }: { groups?: readonly string[] } = {},
): Promise<PolicyCheck> {
  const files = await Promise.all(paths.map(async (name) => ({ name, text: await readPolicy(name) })))
  return checkPolicies(files, { schema: await policySchema(), ...(groups ? { groups } : {}) })
}

/** Judges each case of a file of table tests; IF_ERR_INVALID_FILE where it, or a policy that it names, is wrong. */
export async function testPolicyFile(path: string): Promise<CaseResult[]> {
  const catalogue = await openPackageCatalogue()
  const manifests = await Promise.all(catalogue.ids().map(async (id) => (await catalogue.load(id)).manifest))
  return testPolicies(path, { schema: await policySchema(), operations: operationFactsOf(manifests) })
}

async function readPolicy(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new FabricError('IF_ERR_NOT_FOUND', `${path}: there is no such file`, { cause })
    throw new FabricError('IF_ERR_INVALID_FILE', `${path}: cannot be read (${cause.code})`, { cause })
  })
}
