// Escalations over a memory store with a real ledger: who can help, what a helper costs and what becomes of a notice is
// said by the test.

import { type EscalationOptions, type Escalations, openEscalations } from '../../../src/governor/escalation.ts'
import type { Channel, Helper, HelpSearch, Notice } from '../../../src/governor/escalation-ports.ts'
import { costBudget, heldIn, openBudgetLedger } from '../../../src/governor/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { FakeClock } from '../coordinator/fake-clock.ts'
import { BlockedTasks } from './blocked-tasks.ts'
import { openLoggedStore } from './logged-store.ts'

export const ANA = { actor: 'if://person/ana', session: 's1' }
export const PBX = { actor: 'if://swarm/pbx', session: 's2' }
export const MINUTE = 60_000

export const helper = (swarm: string, covers: string[], shareMicroUsd = 2_000_000): Helper => ({
  swarm,
  covers,
  shareMicroUsd,
})

export interface Desk extends Escalations {
  store: Store
  clock: FakeClock
  tasks: BlockedTasks
  /** Who can help; those who were asked before are left out. */
  helpers: Helper[]
  searches: HelpSearch[]
  sent: { channel: Channel; notice: Notice }[]
  /** What a channel does with a notice. */
  onNotify: (channel: Channel, signal: AbortSignal) => Promise<void>
  /** Lets so much time pass and does what is due. */
  pass(ms: number): Promise<void>
  /** Another process of the same home. */
  another(more?: Partial<EscalationOptions>): Promise<Escalations>
  held(): Promise<number>
  end(): Promise<void>
}

const BUDGET = costBudget({ name: 'desk', limitMicroUsd: 5_000_000, per: 'total' })

export async function openDesk(more: Partial<EscalationOptions> = {}): Promise<Desk> {
  const store = more.store ?? (await openLoggedStore())
  const clock = new FakeClock()
  const tasks = new BlockedTasks()
  const ledger = openBudgetLedger({ store, clock })
  const opened: Escalations[] = []
  const open = async (others: Partial<EscalationOptions> = {}): Promise<Escalations> => {
    const escalations = await openEscalations({
      store,
      clock,
      ledger,
      tasks,
      channels: [{ instance: 'slack', to: '#oncall' }],
      budgetsOf: () => [BUDGET],
      findHelpers: async (search) => {
        desk.searches.push(search)
        return desk.helpers.filter(({ swarm }) => !search.exclude.includes(swarm))
      },
      notify: async (channel, notice, { signal }) => {
        desk.sent.push({ channel, notice })
        await desk.onNotify(channel, signal)
      },
      ...more,
      ...others,
    })
    opened.push(escalations)
    return escalations
  }
  const around = {
    store,
    clock,
    tasks,
    helpers: [] as Helper[],
    searches: [] as HelpSearch[],
    sent: [] as Desk['sent'],
    onNotify: async () => undefined,
    another: open,
    async pass(ms: number) {
      await clock.advance(ms)
      await desk.tick()
      await clock.advance(0)
    },
    async held() {
      return heldIn(await ledger.view(BUDGET))
    },
    async end() {
      await Promise.all(opened.map((escalations) => escalations.close()))
      await store.close()
    },
  }
  const desk: Desk = Object.assign(around, await open())
  return desk
}
