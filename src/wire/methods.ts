// Remote methods by the names under which they are called.
import { COORDINATOR_METHODS } from './coordinator-methods.ts'
import { FABRIC_METHODS } from './fabric-methods.ts'
import type { Method } from './method.ts'

export type Room = 'fabric' | 'coordinator'

/** A row, where it stands, and its own name. */
export interface NamedMethod {
  readonly room: Room
  readonly name: string
  readonly method: Method
}

const ROOMS: Record<Room, Record<string, Method>> = { fabric: FABRIC_METHODS, coordinator: COORDINATOR_METHODS }

/** By `fabric.plan`, `coordinator.claim`, … */
export const METHODS: ReadonlyMap<string, NamedMethod> = new Map(
  (Object.keys(ROOMS) as Room[]).flatMap((room) =>
    Object.entries(ROOMS[room]).map(([name, method]) => [`${room}.${name}`, { room, name, method }] as const),
  ),
)
