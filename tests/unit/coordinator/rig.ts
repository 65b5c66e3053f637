// What the coordinator's tests share: a clock that stands until it is told to go on, and the room on each engine with
// everything that was opened closed after the test.
import { afterEach, describe } from 'vitest'
import {
  type Claim,
  type Coordinator,
  type CoordinatorOptions,
  openCoordinator,
} from '../../../src/coordinator/index.ts'
import { FabricError, type Logger } from '../../../src/foundation/index.ts'
import { openEmbeddedStore, openMemoryStore, type Store } from '../../../src/store/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { FakeClock, settle } from './fake-clock.ts'

export { FakeClock, settle }

type EngineName = 'memory' | 'embedded'

/** Opens coordinators, all on one store unless told otherwise. */
export class Rig {
  readonly clock = new FakeClock()
  readonly engine: EngineName
  #folder: TemporaryFolder | undefined
  #store: Store | undefined
  readonly #coordinators: Coordinator[] = []
  readonly #stores: Store[] = []

  constructor(engine: EngineName) {
    this.engine = engine
  }

  /** A coordinator on the rig's store, without jitter and without a witness. */
  async open(options: Partial<CoordinatorOptions> = {}): Promise<Coordinator> {
    const store = options.store ?? (await this.store())
    const coordinator = await openCoordinator({
      clock: this.clock,
      random: () => 0.5,
      witness: 'none',
      ...options,
      store,
    })
    this.#coordinators.push(coordinator)
    return coordinator
  }

  async store(): Promise<Store> {
    this.#store ??= await this.openStore()
    return this.#store
  }

  /** Another opening: of the same file where there is one, else a store of its own. */
  async openStore(options: { durability?: 'fsync' | 'relaxed' } = {}): Promise<Store> {
    if (this.engine === 'embedded') this.#folder ??= await temporaryFolder('coordinator')
    const store = this.#folder
      ? await openEmbeddedStore({ path: `${this.#folder.path}/fabric.db`, ...options })
      : await openMemoryStore()
    this.#stores.push(store)
    return store
  }

  /** Ends a coordinator and opens one on what is left in the store. */
  async reopen(coordinator: Coordinator, options: Partial<CoordinatorOptions> = {}): Promise<Coordinator> {
    await coordinator.close()
    if (this.engine === 'embedded') {
      await this.#store?.close()
      this.#store = undefined
    }
    return this.open(options)
  }

  async end(): Promise<void> {
    await Promise.all(this.#coordinators.map((coordinator) => coordinator.close()))
    await Promise.all(this.#stores.map((store) => store.close()))
    await this.#folder?.remove()
  }
}

const ENGINES: readonly EngineName[] = ['memory', 'embedded']

/** Runs a suite on each engine, each test with a rig of its own. */
export function describeRoom(title: string, suite: (rig: () => Rig) => void): void {
  for (const engine of ENGINES) {
    describe(`${title}, on the ${engine} store`, () => {
      let rig: Rig | undefined
      afterEach(async () => {
        await rig?.end()
        rig = undefined
      })
      suite(() => {
        rig ??= new Rig(engine)
        return rig
      })
    })
  }
}

export const ANN = { swarm: 'finance', worker: 'ann' }
export const BOB = { swarm: 'finance', worker: 'bob' }
export const AT_ONCE = { waitMs: 0 }

/** A claim that there must be. */
export function taken(claim: Claim | undefined): Claim {
  if (!claim) throw new Error('there was no task to claim')
  return claim
}

/** A store whose commits can be made to fail. */
export async function frailStore(): Promise<{ store: Store; failures: { left: number } }> {
  const failures = { left: 0 }
  const store = await openMemoryStore()
  const frail = new Proxy(store, {
    get(target, name) {
      if (name === 'commit') {
        return async (...args: Parameters<Store['commit']>) => {
          if (failures.left-- > 0) throw new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the disk is full')
          return target.commit(...args)
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { store: frail, failures }
}

/** A logger that keeps what is a warning. */
export function listeningLogger(): { warnings: string[]; logger: Logger } {
  const warnings: string[] = []
  const logger = new Proxy({} as Logger, {
    get: (_, level) => (message: string) => void (level === 'warn' && warnings.push(message)),
  })
  return { warnings, logger }
}
