// Opens what the guard of one home judges by: policies in files, what sessions have touched, what was judged before.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Config, Logger, Redactor } from '../foundation/index.ts'
import type { BudgetLedger } from '../governor/index.ts'
import {
  type Judged,
  openJudged,
  openPolicies,
  openSequences,
  type Policies,
  type PolicyFolder,
  type Sequences,
} from '../guard/index.ts'
import type { Store } from '../store/index.ts'
import { spentBy } from './compose-governor.ts'
import { packageRoot } from './package-root.ts'

export interface GuardParts {
  policies: Policies
  /** Where they are. */
  policyFolders: readonly PolicyFolder[]
  sequences: Sequences
  judged: Judged
}

export interface GuardOptions {
  home: string
  /** Folder of a project's policies. */
  project: string | undefined
  store: Store
  clock: Clock
  logger: Logger
  redactor: Redactor
  ledger: BudgetLedger
  /** As it says now. */
  config: () => Config
}

export async function openGuard(options: GuardOptions): Promise<GuardParts> {
  const { home, project, store, clock, logger, redactor, ledger, config } = options
  const policyFolders = foldersOf({ home, project, shipped: config().policy.shipped })
  return {
    policyFolders,
    policies: await openPolicies({
      folders: policyFolders,
      schema: await policySchema(),
      kept: { store, clock },
      groups: () => Object.keys(config().approverGroups),
      logger,
    }),
    sequences: openSequences({ store, clock, spentOf: (session) => spentBy(ledger, session) }),
    judged: openJudged({ store, clock, redactor }),
  }
}

/** The Cedar schema that policies are held to; it comes with the package. */
export const policySchema = (): Promise<string> => readFile(join(packageRoot(), 'schemas', 'guard.cedarschema'), 'utf8')

/** The policies that come with InfraFabric, those of the home, and those of a project, which may only tighten. */
function foldersOf(where: { home: string; project: string | undefined; shipped: boolean }): PolicyFolder[] {
  const { home, project, shipped } = where
  return [
    ...(shipped ? [{ path: join(packageRoot(), 'policies'), name: 'shipped', isRequired: true }] : []),
    { path: join(home, 'policies'), name: 'policies', isRequired: false },
    ...(project ? [{ path: project, name: 'project', isRequired: false, mayPermit: false }] : []),
  ]
}
