// Addresses of daemons: `http://127.0.0.1:7420` on this machine, `https://…` elsewhere, `unix:/…/ifab.sock`. A token never
// goes over a network in the clear, so plain HTTP is for loopback only.
import { isAbsolute } from 'node:path'
import { FabricError } from '../foundation/index.ts'

export type Address = { kind: 'socket'; path: string } | { kind: 'web'; url: URL; isLocal: boolean }

/** IF_ERR_INVALID_INPUT says what an address looks like. */
export function checkAddress(text: string): Address {
  const socket = /^unix:(?:\/\/)?(\/.*)$/.exec(text)?.[1]
  if (socket !== undefined && isAbsolute(socket)) return { kind: 'socket', path: socket }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw wrong(text, 'is not the address of a daemon')
  if (url.username || url.password) {
    throw wrong(`${url.protocol}//…@${url.host}`, 'holds a credential; a token is given by itself')
  }
  if (url.search || url.hash) throw wrong(text, 'has a query or a fragment, which no daemon takes')
  const isLocal = isLoopback(url.hostname)
  if (url.protocol === 'http:' && !isLocal) throw wrong(text, 'would send the token in the clear')
  return { kind: 'web', url, isLocal }
}

/** Whether a host name can only mean this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)

const wrong = (text: string, why: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} ${why}`, {
    hint: 'Addresses look like https://fabric.example, http://127.0.0.1:7420 (this machine only) or unix:/srv/ana/ifab.sock.',
  })
