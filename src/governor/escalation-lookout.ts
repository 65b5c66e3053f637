// Looks at each record when its time comes, or as soon as there is news of it: the record or an invitation changed, its
// task moved. What was missed while nobody listened is counted up at the start, and again whenever hearing has failed.
import type { Clock, Logger } from '../foundation/index.ts'
import type { BlockedTask, EscalationTasks } from './escalation-ports.ts'

export interface LookoutOptions {
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** Does what is due for a record; resolves to when it wants to be looked at again. */
  look: (key: string) => Promise<number>
}

export interface Lookout {
  expect(key: string, about: { task: string; isOpen: boolean }): void
  forget(key: string): void
  /** There is news of it. */
  nudge(key: string): void
  tick(): Promise<void>
  start(tasks: EscalationTasks, take: (blocked: BlockedTask) => Promise<void>): void
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

/** Looks under way at once. */
const MOST_BUSY = 16
/** The loop looks at the time so often at least. */
const BEAT_MS = 1_000
/** After a fault. */
const RETRY_MS = 5_000
/** An open one is looked at so often, should its news have been missed. */
const SURE_MS = 60_000

export function openLookout({ clock, logger, signal, look }: LookoutOptions): Lookout {
  /** When each wants to be looked at again. */
  const dueMs = new Map<string, number>()
  /** Those whose time has come, or of which there is news. */
  const ready = new Set<string>()
  const busy = new Map<string, Promise<void>>()
  /** The open ones. */
  const tasksOf = new Map<string, string>()
  const byTask = new Map<string, Set<string>>()
  const running: Promise<void>[] = []
  let recountMs = Number.POSITIVE_INFINITY
  let isStarted = false

  function nudge(key: string): void {
    ready.add(key)
    if (isStarted) begin()
  }

  function forget(key: string): void {
    dueMs.delete(key)
    ready.delete(key)
    const task = tasksOf.get(key)
    if (task === undefined) return
    tasksOf.delete(key)
    byTask.get(task)?.delete(key)
    if (byTask.get(task)?.size === 0) byTask.delete(task)
  }

  function strike(): void {
    const nowMs = clock.now()
    for (const [key, at] of dueMs) if (at <= nowMs) ready.add(key)
  }

  /** Starts what is ready, so many at once. */
  function begin(): void {
    for (const key of ready) {
      if (busy.size >= MOST_BUSY || signal.aborted) return
      if (busy.has(key)) continue
      ready.delete(key)
      dueMs.delete(key)
      busy.set(key, lookOnce(key))
    }
  }

  async function lookOnce(key: string): Promise<void> {
    let againMs: number
    try {
      againMs = await look(key)
    } catch (thrown) {
      if (!signal.aborted) logger.error('an escalation does not go on', { key, error: String(thrown) })
      againMs = clock.now() + RETRY_MS
    }
    if (tasksOf.has(key)) againMs = Math.min(againMs, clock.now() + SURE_MS)
    if (againMs !== Number.POSITIVE_INFINITY) dueMs.set(key, againMs)
    busy.delete(key)
    if (isStarted) begin()
  }

  async function run(recount: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      if (recountMs <= clock.now()) await recount()
      strike()
      begin()
      await clock.sleep(BEAT_MS, signal).catch(() => undefined) // closed meanwhile
    }
  }

  /** Hears to the end; a stream that breaks is heard again, after what was missed was counted up. */
  async function hear<E>(events: () => AsyncIterable<E>, take: (event: E) => Promise<void> | void): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of events()) await take(event)
      } catch (thrown) {
        logger.warn('news of tasks was missed', { error: String(thrown) })
      }
      if (!signal.aborted) await clock.sleep(RETRY_MS, signal).catch(() => undefined) // closed meanwhile
      recountMs = Number.NEGATIVE_INFINITY
    }
  }

  return {
    expect(key, { task, isOpen }) {
      if (!isOpen) forget(key)
      else if (!tasksOf.has(key)) {
        tasksOf.set(key, task)
        byTask.set(task, (byTask.get(task) ?? new Set()).add(key))
      }
      nudge(key)
    },
    forget,
    nudge,

    async tick() {
      strike()
      for (begin(); busy.size > 0; begin()) await Promise.race(busy.values())
    },

    start(tasks, take) {
      const faultless = async (blocked: BlockedTask): Promise<void> => {
        try {
          await take(blocked)
        } catch (thrown) {
          logger.error('a blocker could not be noted', { task: blocked.task, error: String(thrown) })
          recountMs = clock.now() + RETRY_MS
        }
      }
      const recount = async (): Promise<void> => {
        recountMs = Number.POSITIVE_INFINITY
        try {
          for (const blocked of await tasks.stuck()) await faultless(blocked)
        } catch (thrown) {
          logger.error('tasks that are stuck could not be listed', { error: String(thrown) })
          recountMs = clock.now() + RETRY_MS
        }
      }
      isStarted = true
      recountMs = Number.NEGATIVE_INFINITY
      running.push(
        hear(() => tasks.blockers({ signal }), faultless),
        hear(
          () => tasks.moves({ signal }),
          ({ task }) => byTask.get(task)?.forEach(nudge),
        ),
        run(recount),
      )
    },

    async close() {
      await Promise.all([...running, ...busy.values()])
    },
  }
}
