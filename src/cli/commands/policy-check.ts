// ifab policy check, test: whether policy files are right, and whether they decide what their cases expect. Works on files
// alone: no home is opened, nothing is changed.
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkPolicyFiles, packageRoot, testPolicyFile } from '../../fabric/index.ts'
import { findProject, homeAt, isFabricError, readConfig } from '../../foundation/index.ts'
import { readResourcePolicy } from '../../governor/index.ts'
import type { PolicyCheck } from '../../guard/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { casesText } from '../output/policy-cases-text.ts'
import { policyCheckText } from '../output/policy-check-text.ts'

export const policyCheckCommand: CommandHandler = async (invocation) => {
  const { args, console } = invocation
  const { files, groups } = args.length > 0 ? { files: args, groups: undefined } : await inForce(invocation)
  const limits = files.filter((file) => /\.ya?ml$/.test(file))
  const cedar = files.filter((file) => !limits.includes(file))
  const checked: PolicyCheck =
    cedar.length > 0
      ? await checkPolicyFiles(cedar, groups ? { groups } : {})
      : { policies: [], faults: [], warnings: [] }
  const check = { ...checked, faults: [...checked.faults, ...(await limitFaults(limits))] }
  const ok = check.faults.length === 0
  console.result({ ok, files, ...check }, policyCheckText({ files, check, paint: console.out }))
  if (ok) console.note('Next: ifab policy list')
  return ok ? 0 : 2
}

export const policyTestCommand: CommandHandler = async ({ args, console }) => {
  const files = await Promise.all(args.map(async (file) => ({ file, cases: await testPolicyFile(file) })))
  const passed = files.every(({ cases }) => cases.every((one) => one.passed))
  console.result({ passed, files }, casesText(files, console.out))
  return passed ? 0 : 1
}

/** What is wrong with files of limits, one fault each. */
async function limitFaults(files: readonly string[]): Promise<PolicyCheck['faults']> {
  const faults = await Promise.all(
    files.map((file) =>
      readResourcePolicy(file).then(
        () => [],
        (thrown: unknown) => {
          if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_INVALID_FILE') throw thrown
          const [, line = '1', problem = thrown.message] = /:(\d+) (.*)$/s.exec(thrown.message) ?? []
          return [{ file, line: Number(line), problem, ...(thrown.hint ? { hint: thrown.hint } : {}) }]
        },
      ),
    ),
  )
  return faults.flat()
}

/** What this home is judged by: what comes with InfraFabric, its own, that of the project here; and its groups of approvers. */
async function inForce({ flags, io }: Invocation): Promise<{ files: string[]; groups: string[] }> {
  const home = homeAt(flags.text('home'), io.env)
  const { policy, approverGroups } = await readConfig(home.config)
  const project = await findProject({ env: io.env })
  const folders = [
    ...(policy.shipped ? [join(packageRoot(), 'policies')] : []),
    join(home.path, 'policies'),
    ...(project === undefined ? [] : [join(dirname(project), 'policies')]),
  ]
  const own = join(home.path, 'policies', 'resource-policy.yaml')
  const files = (await Promise.all(folders.map(filesIn))).flat()
  return {
    files: files.filter((file) => file.endsWith('.cedar') || file === own),
    groups: Object.keys(approverGroups),
  }
}

/** Files of a folder, in order; none where it is not there. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return []
    throw thrown
  })
  return names.sort().map((name) => join(folder, name))
}
