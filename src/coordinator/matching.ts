// Brings tasks and workers together. Who comes second finds who came first: a task that becomes ready goes to a waiting
// worker in the same turn, a worker that becomes free gets the task whose turn it is. Fair on both sides: between the
// swarms that asked by their virtual time, between the swarms that work in rotation.
import { matchOf } from '../foundation/index.ts'
import type { Entry } from './entry.ts'
import { type Candidate, isBetter, TaskClass } from './task-class.ts'
import { Turns } from './turns.ts'
import { type ClaimFilter, type Waiter, WorkerGroup } from './worker-group.ts'

/** Groups and classes that nobody uses are kept for their next use until there are so many. */
const KEPT_GROUPS = 20_000
const KEPT_CLASSES = 4_096

export class Matching {
  readonly #minMatch: number
  readonly #turns = new Turns()
  readonly #classes = new Map<string, TaskClass<WorkerGroup>>()
  readonly #groups = new Map<string, WorkerGroup>()
  #forgetClassesAt = KEPT_CLASSES
  #forgetGroupsAt = KEPT_GROUPS

  /** @param minMatch the share of a task's needs that a worker must cover, 0 to 1 */
  constructor(minMatch: number) {
    this.#minMatch = minMatch
  }

  /** The class of tasks of a kind with such needs. */
  class(kind: string, capabilities: readonly string[]): TaskClass<WorkerGroup> {
    const key = capabilities.length === 0 ? kind : `${kind} ${capabilities.join(' ')}`
    return this.#classes.get(key) ?? this.#newClass(key, kind, capabilities)
  }

  /** Gives an open task its class; `leave` takes it back. */
  join(entry: Entry, capabilities: readonly string[]): void {
    const taskClass = this.class(entry.kind, capabilities)
    taskClass.members++
    entry.class = taskClass.key
  }

  leave(entry: Entry): void {
    const taskClass = this.#classOf(entry)
    if (!taskClass) return
    if (entry.place >= 0) taskClass.remove(entry)
    entry.class = undefined
    taskClass.members--
  }

  /** A task is ready: whoever waits for such a one, else undefined and the task is put in line. */
  offer(entry: Entry): Waiter | undefined {
    const taskClass = this.#classOf(entry)
    if (!taskClass || entry.place >= 0) return undefined
    const waiter = this.promise(taskClass, entry.swarm)
    if (!waiter) taskClass.add(entry)
    return waiter
  }

  /** Who waits for a task of a class and swarm; one task fewer is wanted from then on. */
  promise(taskClass: TaskClass<WorkerGroup>, swarm: string): Waiter | undefined {
    for (const group of taskClass.waiting) {
      if (!group.takesFrom(swarm)) continue
      const waiter = firstOf(group.waiters)
      if (!waiter) continue
      this.#turns.took(swarm)
      toTheEnd(taskClass.waiting, group)
      waiter.wants--
      if (waiter.wants > 0) toTheEnd(group.waiters, waiter)
      else {
        group.waiters.delete(waiter)
        if (group.waiters.size === 0) this.#standDown(group)
      }
      return waiter
    }
    return undefined
  }

  /** The ready task whose turn it is, taken out of the line; undefined when there is none for the group. */
  next(group: WorkerGroup): Entry | undefined {
    let best: Candidate | undefined
    for (const taskClass of group.classes) {
      if (taskClass.isEmpty) continue
      const candidate = taskClass.next(group.filter.swarms)
      if (candidate && (!best || isBetter(candidate, best))) best = candidate
    }
    if (!best) return undefined
    this.#turns.took(best.entry.swarm, best.time)
    this.#classOf(best.entry)?.remove(best.entry)
    return best.entry
  }

  /** The group of a swarm's workers with such a filter. */
  group(swarm: string, filter: ClaimFilter): WorkerGroup {
    const key = JSON.stringify([swarm, sorted(filter.capabilities), sorted(filter.kinds), sorted(filter.swarms)])
    const known = this.#groups.get(key)
    if (known) return known
    if (this.#groups.size >= this.#forgetGroupsAt) this.#forgetGroups()
    const group = new WorkerGroup(key, swarm, filter)
    for (const taskClass of this.#classes.values()) if (this.#fits(group, taskClass)) group.classes.add(taskClass)
    this.#groups.set(key, group)
    return group
  }

  /** Puts a worker that wants tasks in line. */
  wait(waiter: Waiter): void {
    const { group } = waiter
    if (waiter.wants <= 0 || group.waiters.has(waiter)) return
    group.waiters.add(waiter)
    if (group.waiters.size > 1) return
    for (const taskClass of group.classes) taskClass.waiting.add(group)
  }

  stopWaiting(waiter: Waiter): void {
    const { group } = waiter
    if (group.waiters.delete(waiter) && group.waiters.size === 0) this.#standDown(group)
  }

  #classOf(entry: Entry): TaskClass<WorkerGroup> | undefined {
    return entry.class === undefined ? undefined : this.#classes.get(entry.class)
  }

  #standDown(group: WorkerGroup): void {
    for (const taskClass of group.classes) taskClass.waiting.delete(group)
  }

  #newClass(key: string, kind: string, capabilities: readonly string[]): TaskClass<WorkerGroup> {
    if (this.#classes.size >= this.#forgetClassesAt) this.#forgetClasses()
    const taskClass = new TaskClass<WorkerGroup>(key, kind, capabilities, this.#turns)
    this.#classes.set(key, taskClass)
    for (const group of this.#groups.values()) {
      if (!this.#fits(group, taskClass)) continue
      group.classes.add(taskClass)
      if (group.waiters.size > 0) taskClass.waiting.add(group)
    }
    return taskClass
  }

  #forgetClasses(): void {
    for (const [key, taskClass] of this.#classes) {
      if (taskClass.members > 0 || taskClass.waiting.size > 0) continue
      this.#classes.delete(key)
      for (const group of this.#groups.values()) group.classes.delete(taskClass)
    }
    this.#forgetClassesAt = Math.max(KEPT_CLASSES, 2 * this.#classes.size)
  }

  #forgetGroups(): void {
    for (const [key, group] of this.#groups) {
      if (group.waiters.size === 0 && group.workers === 0) this.#groups.delete(key)
    }
    this.#forgetGroupsAt = Math.max(KEPT_GROUPS, 2 * this.#groups.size)
  }

  #fits({ filter }: WorkerGroup, taskClass: TaskClass<WorkerGroup>): boolean {
    if (filter.kinds && !filter.kinds.includes(taskClass.kind)) return false
    return matchOf(filter.capabilities ?? [], taskClass.capabilities) >= this.#minMatch
  }
}

function firstOf<T>(line: ReadonlySet<T>): T | undefined {
  for (const first of line) return first
  return undefined
}

/** Who stands in a line alone stays where it is: this happens with each task. */
function toTheEnd<T>(line: Set<T>, one: T): void {
  if (line.size === 1) return
  line.delete(one)
  line.add(one)
}

const sorted = (names: readonly string[] | undefined): readonly string[] | null =>
  names ? (names.length > 1 ? [...names].sort() : names) : null
