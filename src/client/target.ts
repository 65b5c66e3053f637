// Where a daemon is, and what is shown to it.
import { type Address, checkAddress } from './address.ts'

export interface Target {
  readonly address: Address
  /** As people read and write it. */
  readonly text: string
  readonly token: string | undefined
  /** Name of the context that it comes from. */
  readonly context: string | null
}

export function targetOf(from: { url: string; token?: string | undefined; context?: string }): Target {
  const address = checkAddress(from.url)
  const text = address.kind === 'socket' ? `unix:${address.path}` : address.url.href.replace(/\/$/, '')
  return { address, text, token: from.token, context: from.context ?? null }
}

/** On this machine. */
export const isLocal = ({ address }: Target): boolean => address.kind === 'socket' || address.isLocal
