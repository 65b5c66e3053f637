// A clock that all processes of one machine share: milliseconds since it was started, with the name of that start. It tells
// how long ago another process did something, which the wall clock (it jumps) and one's own monotonic clock (it begins with
// the process) can't. Times of another machine, or from before a restart, have another name and mean nothing here.
import { readFileSync, readlinkSync } from 'node:fs'
import { sha256Hex } from './canonical.ts'

export interface HostTime {
  /** Which clock; times of different ones can't be compared. */
  readonly clock: string
  /** Milliseconds. */
  readonly ms: number
}

export type HostClock = () => HostTime

/** Undefined where the system doesn't name its start. */
export function systemHostClock(): HostClock | undefined {
  known ??= { clock: clockName() }
  const { clock } = known
  return clock === undefined ? undefined : () => ({ clock, ms: Math.round(Number(process.hrtime.bigint()) / 1e6) })
}

let known: { clock: string | undefined } | undefined

function clockName(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // A container may have a clock of its own.
    return sha256Hex(`${boot} ${readlinkSync('/proc/self/ns/time')}`).slice(0, 12)
  } catch {
    return undefined
  }
}
