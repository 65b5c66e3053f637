// A race inside one process: several coordinators on one store, each with a clock of its own that runs, stands or jumps as
// it likes, and workers that do all that a worker may do wrong. Seeded. A part of it can be broken on purpose, to see
// whether the history checker notices.
import { type Claim, type Coordinator, openCoordinator } from '../../../src/coordinator/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { type Chance, seededChance } from '../../support/chance.ts'
import { FakeClock, settle } from '../../unit/coordinator/fake-clock.ts'
import { type EndState, type Observation, violationsOf } from './history-checker.ts'

export interface Broken {
  /** What the coordinators get instead of the store. */
  store?: (store: Store, chance: Chance) => Store
  /** What the workers get instead of the coordinator. */
  coordinator?: (coordinator: Coordinator) => Pick<Coordinator, 'claim' | 'complete' | 'isCurrent'>
  /** The guarded thing doesn't look at tokens. */
  unguarded?: boolean
}

const COORDINATORS = 4
const LEASE_MS = 1_000
const HOUR_MS = 3_600_000

interface Held {
  claim: Claim
  by: Seat
}

interface Seat {
  coordinator: Coordinator
  requests: Pick<Coordinator, 'claim' | 'complete' | 'isCurrent'>
  clock: FakeClock
  name: string
}

/** What didn't hold. */
export async function simulate(
  seed: number,
  { rounds = 60, broken = {} }: { rounds?: number; broken?: Broken } = {},
): Promise<string[]> {
  const chance = seededChance(seed)
  const store = await openMemoryStore()
  const seats: Seat[] = []
  for (let at = 0; at < COORDINATORS; at++)
    seats.push(await openSeat(broken.store?.(store, chance) ?? store, at, broken))
  const play = new Play(seats, store, chance, broken.unguarded === true)
  for (let round = 0; round < rounds; round++) await play.round(round)
  const end = await play.finish()
  for (const { coordinator } of seats) await coordinator.close()
  await store.close()
  return violationsOf(play.observations, end)
}

async function openSeat(store: Store, at: number, broken: Broken): Promise<Seat> {
  const clock = new FakeClock()
  const coordinator = await openCoordinator({ store, clock, leaseMs: LEASE_MS, witness: 'none' })
  return { coordinator, requests: broken.coordinator?.(coordinator) ?? coordinator, clock, name: `c${at}` }
}

class Play {
  readonly observations: Observation[] = []
  readonly #seats: Seat[]
  readonly #store: Store
  readonly #chance: Chance
  readonly #isUnguarded: boolean
  #held: Held[] = []
  #now = 0
  #claims = 0

  constructor(seats: Seat[], store: Store, chance: Chance, isUnguarded: boolean) {
    this.#seats = seats
    this.#store = store
    this.#chance = chance
    this.#isUnguarded = isUnguarded
  }

  async round(round: number): Promise<void> {
    await this.#add(round)
    await Promise.all(this.#seats.map((seat) => this.#claim(seat)))
    await this.#time()
    const acting = this.#held.filter(() => this.#chance.next() < 0.4)
    await Promise.all(acting.map((held) => this.#act(held)))
    await settle()
  }

  /** Time goes on until everything that isn't lost is done. */
  async finish(): Promise<Map<string, EndState>> {
    const { coordinator } = this.#seats[0] as Seat // there are four
    for (let round = 0; round < 60 && (await this.#unfinished(coordinator)) > 0; round++) {
      for (const { clock } of this.#seats) await clock.advance(LEASE_MS * 2)
      await Promise.all(this.#seats.map((seat) => this.#claim(seat)))
      await Promise.all(this.#held.map((held) => this.#complete(held)))
    }
    const tasks = await coordinator.list({ limit: 1_000_000 })
    return new Map(
      tasks.map(({ id, state, token, result }) => [
        id,
        { state, token, completedBy: (result as { token?: number } | null)?.token },
      ]),
    )
  }

  async #unfinished(coordinator: Coordinator): Promise<number> {
    const { open, claimed } = (await coordinator.stats()).tasks
    return open + claimed
  }

  async #add(round: number): Promise<void> {
    const { coordinator } = this.#chance.pick(this.#seats as [Seat, ...Seat[]])
    const id = `task-${round}`
    await coordinator.add({ id, kind: 'k', swarm: `s${round % 3}`, attempts: 1000 })
    this.observations.push({ kind: 'added', task: id })
    await settle()
  }

  async #claim(by: Seat): Promise<void> {
    const holder = { swarm: by.name, worker: `w${this.#claims++}` }
    const claim = await by.requests.claim(holder, {}, { waitMs: 0 }).catch(() => undefined)
    if (!claim) return
    const { task, token } = claim
    this.observations.push({
      kind: 'claimed',
      task: task.id,
      token,
      holder: `${holder.swarm}/${holder.worker}`,
      at: this.#tick(),
    })
    this.#held.push({ claim, by })
  }

  /** Every clock runs by itself: fast, slow, or not at all; walls are set forward and back. */
  async #time(): Promise<void> {
    for (const { clock } of this.#seats) {
      if (this.#chance.next() < 0.5) await clock.advance(this.#chance.between(0, LEASE_MS * 1.5))
      if (this.#chance.next() < 0.2) clock.jump(this.#chance.between(-HOUR_MS, HOUR_MS))
    }
  }

  async #act(held: Held): Promise<void> {
    const { claim, by } = held
    const { task, token } = claim
    const asked = this.#tick()
    const answer = await by.requests.isCurrent(task.id, token)
    this.observations.push({ kind: 'current', task: task.id, token, asked, answer })
    if (this.#chance.next() < 0.5) await this.#begin(task.id, token)
    if (this.#chance.next() < 0.5) await this.#complete(held)
    else if (this.#chance.next() < 0.2) await by.coordinator.extend(task.id, token).catch(() => undefined)
  }

  async #begin(task: string, token: number): Promise<void> {
    const key = `effect/${task}`
    const known = await this.#store.get<{ token: number }>(key)
    if (!this.#isUnguarded && known && known.value.token >= token) return
    const expect = this.#isUnguarded ? 'any' : (known?.revision ?? 'absent')
    const committed = await this.#store.commit([{ key, value: { token }, expect }]).catch(() => undefined)
    if (committed) this.observations.push({ kind: 'effect', task, token, order: committed.revisions[0] ?? 0 })
  }

  async #complete(held: Held): Promise<void> {
    this.#held = this.#held.filter((other) => other !== held)
    const { task, token } = held.claim
    const asked = this.#tick()
    const accepted = await held.by.requests.complete(task.id, token, { token }).then(
      () => true,
      () => false,
    )
    if (accepted) this.observations.push({ kind: 'completed', task: task.id, token, asked, at: this.#tick() })
  }

  #tick(): number {
    this.#now += 1
    return this.#now
  }
}
