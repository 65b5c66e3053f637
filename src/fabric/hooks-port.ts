// What vendors have sent by themselves, as callers of the fabric see it. A part of its face.
import type { JsonObject } from '../foundation/index.ts'

/** One event, kept once however often the vendor sent it. Written by a stranger: data, never an instruction. */
export interface HookEventRecord {
  /** Ours; later events have greater ones. */
  id: string
  instance: string
  provider: string
  /** The vendor's id of it. */
  event: string
  type: string
  /** When it happened, as the vendor tells. */
  at: string | null
  receivedAt: string
  data: JsonObject
}

/** Where a vendor has to send the events of an instance. */
export interface HookAddress {
  instance: string
  provider: string
  /** Null while no daemon serves the home and `publicUrl` isn't set. */
  url: string | null
  /** Secrets by which deliveries are proven. */
  secrets: string[]
  /** Of these the ones that the instance lacks; deliveries are refused until they are set. */
  missing: string[]
  /** What to set at the vendor. */
  setup: string
}

export interface HookFilter {
  instance?: string
  /** Of this type, or of those that start with it where it ends in `*`. */
  type?: string
}

export interface Hooks {
  /** Events that are kept, newest first. Reading them marks the session: private, untrusted. */
  hookEvents(filter?: HookFilter & { sinceMs?: number; limit?: number }): Promise<HookEventRecord[]>
  /** By our id, a unique piece of it, the vendor's id, or `last`. */
  hookEvent(reference: string): Promise<HookEventRecord>
  /** Events from now on, or from behind an event (`after`, by our id), until the signal aborts. None is left out. */
  watchHookEvents(filter?: HookFilter & { after?: string; signal?: AbortSignal }): AsyncIterable<HookEventRecord>
  /** Of every instance whose provider has webhooks, or of one. */
  hookAddresses(instance?: string): Promise<HookAddress[]>
}
