// A file of the home, followed while it is open: what it says is read again when it has changed. A file that is wrong
// changes nothing, and is told of.
import { stat } from 'node:fs/promises'
import { type FabricError, type Logger, toFabricError } from '../foundation/index.ts'

export interface FollowedFile<T> {
  /** What it said when it was last right. */
  readonly current: T
  /** What is wrong with it now. */
  readonly fault: FabricError | undefined
  /** Looks for changes until it is closed, and calls `changed` with each new content. */
  follow(logger: Logger, changed?: (content: T) => void): void
  close(): void
}

const LOOK_EVERY_MS = 500

/**
 * Reads it and remembers how it was. Where the first reading fails, that is the failure, or with `otherwise` what it
 * says instead.
 */
export async function openFile<T>(options: {
  path: string
  /** How people are told of it: `config.yaml`. */
  name: string
  read: (path: string) => Promise<T>
  otherwise?: T
}): Promise<FollowedFile<T>> {
  const { path, name, read, otherwise } = options
  let seen = await stampOf(path) // before the reading, so that no change falls between
  let fault: FabricError | undefined
  let current = await read(path).catch((thrown: unknown) => {
    if (otherwise === undefined) throw thrown
    fault = toFabricError(thrown)
    return otherwise
  })
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  async function look(logger: Logger, changed: ((content: T) => void) | undefined): Promise<void> {
    const stamp = await stampOf(path)
    if (stamp === seen || isClosed) return
    seen = stamp
    try {
      current = await read(path)
      fault = undefined
      changed?.(current)
      logger.info(`${name} was changed and is followed`)
    } catch (thrown) {
      fault = toFabricError(thrown)
      const reason = fault.message
      logger.warn(`${name} was changed and is wrong: the home goes on with what it said before`, { reason })
    }
  }

  return {
    get current() {
      return current
    },
    get fault() {
      return fault
    },
    follow(logger, changed) {
      if (fault) logger.error(`${name} is wrong`, { reason: fault.message })
      timer = setInterval(() => void look(logger, changed), LOOK_EVERY_MS).unref()
    },
    close() {
      isClosed = true
      clearInterval(timer)
    },
  }
}

const stampOf = (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
    (thrown: NodeJS.ErrnoException) => thrown.code ?? '',
  )
