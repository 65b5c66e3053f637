// New tasks: checked all before the first is stored, each stored by one commit, in an order in which every prefix makes
// sense. One that somebody waits for is stored as claimed already and handed over in the same turn.
import { type Clock, FabricError, type JsonValue } from '../foundation/index.ts'
import type { Board } from './board.ts'
import { circleThrough } from './circles.ts'
import type { Desk } from './desk.ts'
import type { Ledger, Moved } from './ledger.ts'
import type { Matching } from './matching.ts'
import { added } from './moves.ts'
import { dependenciesOf, needsOf, type TaskRecord, taskKey } from './record.ts'
import type { Retention } from './retention.ts'
import type { Room } from './room.ts'
import { type Task, taskOf } from './task.ts'
import { type CheckedTask, checkTask, type TaskInput } from './task-input.ts'
import type { Waiter } from './worker-group.ts'

export interface AddingParts {
  readonly room: Room
  readonly board: Board
  readonly ledger: Ledger
  readonly matching: Matching
  readonly retention: Retention
  readonly desk: Desk
  readonly clock: Clock
  /** RFC 3339. */
  at(): string
  /** Hears of a circle among tasks that were refused. */
  circle(path: readonly string[], tasks: readonly CheckedTask[]): void
}

/** More at a time would only fill the memory with what is on its way. */
const STORED_AT_ONCE = 1_000

export class Adding {
  readonly #parts: AddingParts

  constructor(parts: AddingParts) {
    this.#parts = parts
  }

  /** Waits for room. */
  one(input: TaskInput, signal: AbortSignal | undefined): Promise<Task> {
    const { room } = this.#parts
    return room.tryEnter() ? this.#enterOne(input) : room.enter(1, signal).then(() => this.#enterOne(input))
  }

  #enterOne(input: TaskInput): Promise<Task> {
    const { room, board } = this.#parts
    return new Promise((resolve, reject) => {
      const stored: Moved = (record, thrown) => {
        room.entered(1)
        if (record) resolve(taskOf(record, board))
        else reject(thrown)
      }
      try {
        this.#checkAndStore(input, stored)
      } catch (refusal) {
        stored(undefined, refusal)
      }
    })
  }

  #checkAndStore(input: TaskInput, stored: Moved): void {
    const task = checkTask(input, this.#parts.at())
    if (task.spec.isNamed || task.spec.after) {
      void this.#storeChecked(task).then(stored, (thrown: unknown) => stored(undefined, thrown))
    } else this.#storeFrom(task, 0, stored)
  }

  async #storeChecked(task: CheckedTask): Promise<TaskRecord> {
    if (task.spec.after) await this.#checkReferences([task])
    return this.#store(task)
  }

  /** Refuses all for one that is wrong; IF_ERR_ALREADY_EXISTS of a race leaves those that were stored. Waits for room. */
  async many(inputs: readonly TaskInput[], signal: AbortSignal | undefined): Promise<Task[]> {
    const { room, board } = this.#parts
    await room.enter(inputs.length, signal)
    try {
      return (await this.#storeMany(inputs)).map((record) => taskOf(record, board))
    } finally {
      room.entered(inputs.length)
    }
  }

  async #storeMany(inputs: readonly TaskInput[]): Promise<TaskRecord[]> {
    const at = this.#parts.at()
    const tasks = inputs.map((input) => checkTask(input, at))
    await this.#checkReferences(tasks)
    const records = new Map<CheckedTask, TaskRecord>()
    const order = inOrder(tasks)
    for (let from = 0; from < order.length; from += STORED_AT_ONCE) {
      const slice = order.slice(from, from + STORED_AT_ONCE)
      const stored = await Promise.allSettled(slice.map(async (task) => [task, await this.#store(task)] as const))
      for (const result of stored) {
        if (result.status === 'rejected') throw result.reason
        records.set(...result.value)
      }
    }
    return tasks.map((task) => records.get(task) as TaskRecord) // all were stored
  }

  async #store(task: CheckedTask): Promise<TaskRecord> {
    const token = task.spec.isNamed ? await this.#tokenFloor(task.spec.id) : 0
    return new Promise((resolve, reject) => {
      this.#storeFrom(task, token, (record, thrown) => (record ? resolve(record) : reject(thrown)))
    })
  }

  #storeFrom(task: CheckedTask, token: number, stored: Moved): void {
    const { spec, payload } = task
    const { ledger, desk, at } = this.#parts
    const open = added(spec, { at: at(), token })
    const waiter = this.#waiterFor(task)
    const record = waiter ? desk.claimOf(waiter)(open) : open
    ledger.add(record, payload, (entry, thrown) => {
      if (entry) {
        stored(record)
        waiter?.granted(entry, record, spec.payloadKey === undefined ? spec.payload : parsed(payload))
        return
      }
      stored(undefined, thrown)
      if (!waiter) return
      waiter.wants++
      waiter.refused(undefined)
    })
  }

  /** Whoever waits for such a task, when it could begin at once. */
  #waiterFor({ spec }: CheckedTask): Waiter | undefined {
    const { board, matching, clock } = this.#parts
    if (dependenciesOf(spec).some((id) => board.entries.get(id)?.state !== 'done')) return undefined
    if (spec.notBefore !== undefined && Date.parse(spec.notBefore) > clock.now()) return undefined
    if (spec.deadline !== undefined && Date.parse(spec.deadline) <= clock.now()) return undefined
    return matching.promise(matching.class(spec.kind, needsOf(spec)), spec.swarm)
  }

  /** A name that was removed begins above all tokens of its former self; so it must be gone before the floor is read. */
  async #tokenFloor(id: string): Promise<number> {
    if (await this.#exists(id)) {
      throw new FabricError('IF_ERR_ALREADY_EXISTS', `a task ${id} exists`, {
        hint: 'Choose another id, or leave it out to get a new one.',
        next: `ifab task show ${id}`,
        details: { task: id, key: taskKey(id) },
      })
    }
    return this.#parts.retention.tokenFloor()
  }

  async #checkReferences(tasks: readonly CheckedTask[]): Promise<void> {
    const byId = new Map<string, CheckedTask>()
    for (const task of tasks) {
      if (byId.has(task.spec.id)) {
        throw new FabricError('IF_ERR_INVALID_INPUT', `task ${task.spec.id} is given twice`, {
          details: { task: task.spec.id },
        })
      }
      byId.set(task.spec.id, task)
    }
    for (const { spec } of tasks) {
      if (spec.isNamed && tasks.length > 1) await this.#tokenFloor(spec.id)
      for (const id of dependenciesOf(spec)) {
        if (byId.has(id) || (await this.#exists(id))) continue
        throw new FabricError('IF_ERR_REFERENCE', `task ${spec.id} waits for ${id}, but there is no such task`, {
          hint: 'Add the task it waits for first, or together with it.',
          details: { task: spec.id, after: id },
        })
      }
    }
    this.#checkCircles(tasks, byId)
  }

  #checkCircles(tasks: readonly CheckedTask[], byId: ReadonlyMap<string, CheckedTask>): void {
    const order = inOrder(tasks)
    if (order.length === tasks.length) return
    const stuck = tasks.filter((task) => !order.includes(task))
    for (const { spec } of stuck) {
      const path = circleThrough(spec.id, (id) => byId.get(id)?.spec.after ?? [])
      if (!path) continue
      this.#parts.circle(path, tasks)
      throw new FabricError('IF_ERR_REFERENCE', `tasks wait for each other: ${path.join(' → ')}`, {
        hint: 'Take one of these dependencies away.',
        details: { circle: path },
      })
    }
  }

  async #exists(id: string): Promise<boolean> {
    if (this.#parts.board.entries.has(id)) return true
    return this.#parts.ledger.exists(id)
  }
}

const parsed = (text: string): JsonValue => JSON.parse(text) as JsonValue

/** Dependencies before those who wait for them; what is part of a circle, or waits for one, is left out. */
function inOrder(tasks: readonly CheckedTask[]): CheckedTask[] {
  if (tasks.every(({ spec }) => !spec.after)) return [...tasks]
  const left = new Map(tasks.map((task) => [task.spec.id, task]))
  const dependents = new Map<string, CheckedTask[]>()
  const unmet = new Map<CheckedTask, number>()
  for (const task of tasks) {
    const inside = dependenciesOf(task.spec).filter((id) => left.has(id))
    unmet.set(task, inside.length)
    for (const id of inside) dependents.set(id, [...(dependents.get(id) ?? []), task])
  }
  const order = tasks.filter((task) => unmet.get(task) === 0)
  for (const task of order) {
    for (const dependent of dependents.get(task.spec.id) ?? []) {
      const count = (unmet.get(dependent) ?? 0) - 1
      unmet.set(dependent, count)
      if (count === 0) order.push(dependent)
    }
  }
  return order
}
