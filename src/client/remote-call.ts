// A call of a method as a request: what can't travel (signals, callbacks) is taken out of its options and named.
import { LIMIT_MS, type Method, type WireRequest } from '../wire/index.ts'
import type { Connection } from './connection.ts'

/** Asks the daemon; the answer is a promise, or items. */
export function callRemote(connection: Connection, call: string, method: Method, args: readonly unknown[]): unknown {
  const request = requestOf(call, method, args)
  return method.streams ? connection.openStream(request) : connection.ask(request, method.repeats)
}

export function requestOf(call: string, method: Method, args: readonly unknown[]): WireRequest {
  const place = method.options
  if (place === undefined) return { call, args, limitMs: limitOf(method, undefined) }
  const plain: Record<string, unknown> = {}
  const aborts: Record<string, AbortSignal> = {}
  const callbacks: Record<string, (...args: unknown[]) => unknown> = {}
  for (const [name, value] of Object.entries((args[place] ?? {}) as Record<string, unknown>)) {
    if (value === undefined) continue
    if (value instanceof AbortSignal) aborts[name] = value
    else if (typeof value === 'function')
      callbacks[name] = value as (...args: unknown[]) => unknown // of the port's types
    else plain[name] = value
  }
  const travelling = [...args]
  while (travelling.length < place) travelling.push(undefined)
  travelling[place] = plain
  return { call, args: travelling, aborts, callbacks, limitMs: limitOf(method, plain.waitMs) }
}

function limitOf({ limitMs = LIMIT_MS }: Method, waitMs: unknown): number | undefined {
  if (limitMs === null) return undefined
  return limitMs + (typeof waitMs === 'number' ? waitMs : 0)
}
