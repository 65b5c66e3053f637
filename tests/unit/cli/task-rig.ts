// A coordinator in memory behind a fabric that knows nothing else, for the commands about tasks.
import { type Coordinator, type CoordinatorOptions, openCoordinator } from '../../../src/coordinator/index.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { fakeFabric } from './fake-fabric.ts'
import { type CliOptions, type CliResult, runCli, type StartedCli, startCli } from './run-cli.ts'

export interface TaskRig {
  coordinator: Coordinator
  ifab: (words: string[], options?: CliOptions) => Promise<CliResult>
  /** The JSON document of a command that ended well. */
  json: <T = Record<string, unknown>>(words: string[], options?: CliOptions) => Promise<T>
  start: (words: string[], options?: CliOptions) => StartedCli
  close: () => Promise<void>
}

export async function openTaskRig(
  own: Partial<Fabric> = {},
  options: Partial<CoordinatorOptions> = {},
): Promise<TaskRig> {
  const store: Store = await openMemoryStore()
  const coordinator = await openCoordinator({ witness: 'none', ...options, store })
  const fabric = fakeFabric({ coordinator: async () => coordinator, ...own })
  const using = (more: CliOptions = {}): CliOptions => ({ openFabric: async () => fabric, ...more })
  const ifab = (words: string[], more?: CliOptions) => runCli(words, using(more))
  return {
    coordinator,
    ifab,
    async json<T>(words: string[], more?: CliOptions) {
      const { code, stdout, stderr } = await ifab([...words, '--json'], more)
      if (code !== 0) throw new Error(`${words.join(' ')} exits ${code}: ${stderr}`)
      return JSON.parse(stdout) as T
    },
    start: (words, more) => startCli(words, using(more)),
    async close() {
      await coordinator.close()
      await store.close()
    },
  }
}

/** What a command said of its error under --json. */
export const errorIn = ({ stderr }: CliResult): Record<string, unknown> => JSON.parse(stderr).error
