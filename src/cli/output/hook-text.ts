// How people see where a vendor has to send its events.
import type { HookAddress } from '../../fabric/index.ts'

/** Of one instance, for people. */
export function addressText({ instance, url, setup, missing }: HookAddress): string {
  const where = url ?? `<public address>/hooks/${instance}`
  const lacks = missing.length === 0 ? '' : `\n  not set: ${missing.join(', ')}; deliveries are refused until then`
  return `${instance}  ${where}\n  ${setup}${lacks}`
}
