// The registry of swarms: who is there, what each can do and what it costs. Kept in the store, one record a swarm, so that
// many processes may write; each keeps an index of it in memory and follows the others. Who registers, leaves, or tries
// to with wrong figures is on record; the load that a swarm reports again and again is not.
import {
  type Clock,
  checkName,
  FabricError,
  formatUsd,
  isFabricError,
  type Logger,
  optional,
  parseAddress,
  suggestion,
  timestamp,
} from '../foundation/index.ts'
import { keyOf, prefixOf, type Store } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import { CapabilityIndex } from './capability-index.ts'
import { changeRecord, type RecordChange } from './change-record.ts'
import type { Help, HelpRequest, HelpSources } from './help.ts'
import { searchHelp } from './matcher.ts'
import { type ProfileInput, parseLoad, parseProfile, profileOf, type SwarmLoad, type SwarmProfile } from './profiles.ts'
import { watchRecords } from './watched-records.ts'

export interface RegistryAct {
  actor: string
  session: string
  why?: string
}

export interface Registry {
  /**
   * Registers a swarm, or changes what stands of it; what is left out stays. IF_ERR_INVALID_INPUT for wrong figures or
   * capabilities, which is on record too.
   */
  register(input: ProfileInput, by: RegistryAct): Promise<SwarmProfile>
  /** IF_ERR_NOT_FOUND where it isn't registered. */
  remove(swarm: string, by: RegistryAct): Promise<SwarmProfile>
  /** What a swarm says of its load; the last word counts. IF_ERR_NOT_FOUND where it isn't registered. */
  setLoad(swarm: string, load: SwarmLoad): Promise<SwarmProfile>
  /** From memory. */
  get(swarm: string): SwarmProfile | undefined
  /** By name; from memory. */
  list(): SwarmProfile[]
  /** Who can help, best first, and the team that does it for least; from memory. IF_ERR_INVALID_INPUT. */
  findHelp(request: HelpRequest): Help
  close(): void
}

export interface RegistryOptions extends HelpSources {
  store: Store
  clock: Clock
  logger?: Logger
}

const MOST_TEXT = 300

/** Opens the registry of a home; resolves when every profile is known. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { store, clock, logger, reputationOf, refusalOf } = options
  const sources: HelpSources = { ...optional('reputationOf', reputationOf), ...optional('refusalOf', refusalOf) }
  const index = new CapabilityIndex()
  const records = await watchRecords<SwarmProfile>({
    store,
    prefix: prefixOf('swarm-profile'),
    logger,
    onChange({ before, after }) {
      if (after) index.set(after)
      else if (before) index.delete(before.swarm)
    },
  })
  for (const profile of records.values()) index.set(profile)

  const change = (
    swarm: string,
    decide: (current: SwarmProfile | undefined) => RecordChange<SwarmProfile>,
  ): Promise<SwarmProfile | undefined> => changeRecord({ store, records }, keyOf('swarm-profile', swarm), decide)

  const entryOf = (kind: string, by: RegistryAct, detail: NonNullable<WitnessEntry['detail']>): WitnessEntry => ({
    kind,
    at: timestamp(clock.now()),
    actor: by.actor,
    session: by.session,
    ...optional('why', by.why),
    detail,
  })

  async function checked(input: unknown, by: RegistryAct): Promise<ProfileInput> {
    try {
      return parseProfile(input)
    } catch (thrown) {
      if (isFabricError(thrown)) {
        const refused = { refused: thrown.message.slice(0, MOST_TEXT) }
        await store.commit([], [{ ...entryOf('governor.register', by, refused), outcome: 'refused' }])
      }
      throw thrown
    }
  }

  const required = (profile: SwarmProfile | undefined, swarm: string): SwarmProfile => {
    if (profile) return profile
    const names = index.profiles().map((known) => known.swarm)
    throw new FabricError('IF_ERR_NOT_FOUND', `no swarm ${swarm} is registered`, {
      hint: suggestion(swarm, names, 'Register it first.'),
      next: `ifab governor register ${swarm} …`,
    })
  }

  return {
    async register(input, by) {
      parseAddress(by.actor)
      const given = await checked(input, by)
      const profile = await change(given.swarm, (current) => {
        const value = profileOf(given, { current, by: by.actor, nowMs: clock.now() })
        return { value, log: [entryOf('governor.register', by, said(value))] }
      })
      return required(profile, given.swarm)
    },

    async remove(swarm, by) {
      checkName('swarm', swarm)
      parseAddress(by.actor)
      let gone: SwarmProfile | undefined
      await change(swarm, (current) => {
        gone = required(current, swarm)
        return { value: undefined, log: [entryOf('governor.unregister', by, { swarm })] }
      })
      return required(gone, swarm)
    },

    async setLoad(swarm, load) {
      checkName('swarm', swarm)
      const given = parseLoad(load)
      const profile = await change(swarm, (current) => {
        const { lastBusyAt, ...before } = required(current, swarm)
        const busyAt = given.running > 0 || before.load.running > 0 ? timestamp(clock.now()) : lastBusyAt
        return { value: { ...before, load: given, ...optional('lastBusyAt', busyAt) }, log: [] }
      })
      return required(profile, swarm)
    },

    get: (swarm) => index.get(swarm),
    list: () => index.profiles().sort((a, b) => (a.swarm < b.swarm ? -1 : 1)),
    findHelp: (request) => searchHelp(index, request, sources),
    close: () => records.close(),
  }
}

const said = ({ swarm, capabilities, costPerHourMicroUsd, reputation, budgetMicroUsd }: SwarmProfile) => ({
  swarm,
  capabilities,
  costPerHour: formatUsd(costPerHourMicroUsd),
  reputation,
  budget: budgetMicroUsd === null ? null : formatUsd(budgetMicroUsd),
})
