// The coordinator of a daemon, as if it were in this process.
import type { CoordinatorPort, Task, TaskHandler, TaskInput, Worker, WorkerOptions } from '../coordinator/index.ts'
import { isFabricError } from '../foundation/index.ts'
import { COORDINATOR_METHODS } from '../wire/index.ts'
import type { Connection } from './connection.ts'
import { callRemote } from './remote-call.ts'
import { RemoteWorker } from './remote-worker.ts'

export interface RemoteCoordinator {
  port: CoordinatorPort
  /** Ends the workers; their claims are handed back. */
  close(): Promise<void>
}

export function remoteCoordinator(connection: Connection): RemoteCoordinator {
  const workers = new Set<RemoteWorker>()
  const { worker: _worker, ...methods } = COORDINATOR_METHODS
  const calls = Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      (...args: unknown[]) => callRemote(connection, `coordinator.${name}`, method, args),
    ]),
  ) as unknown as Omit<CoordinatorPort, 'worker'> // the table has a row for each of its methods, with its arguments
  const worker = (options: WorkerOptions, handler: TaskHandler): Worker => {
    const opened = new RemoteWorker({ connect: (signal) => connection.another(signal), options, handler })
    workers.add(opened)
    void opened.over.then(() => workers.delete(opened))
    return opened
  }
  return {
    port: { ...calls, add: addTo(calls), worker },
    close: async () => void (await Promise.allSettled([...workers].map((open) => open.close()))),
  }
}

/** One task with a chosen id may be added again when the answer was lost: it is there once. */
function addTo({ add, get }: Omit<CoordinatorPort, 'worker'>): CoordinatorPort['add'] {
  const addOne = async (input: TaskInput, options?: { signal?: AbortSignal }): Promise<Task> => {
    try {
      return await add(input, options)
    } catch (thrown) {
      const { id } = input
      if (id === undefined || !isFabricError(thrown) || thrown.code !== 'IF_ERR_DAEMON_UNAVAILABLE') throw thrown
      const isThere = (again: unknown) => isFabricError(again) && again.code === 'IF_ERR_ALREADY_EXISTS'
      return add(input, options).catch((again: unknown) => {
        if (isThere(again)) return get(id)
        throw again
      })
    }
  }
  // The overloads of the port, which a function expression can't have.
  return ((input: TaskInput | readonly TaskInput[], options?: { signal?: AbortSignal }) =>
    isMany(input) ? add(input, options) : addOne(input, options)) as CoordinatorPort['add']
}

const isMany = (input: TaskInput | readonly TaskInput[]): input is readonly TaskInput[] => Array.isArray(input)
