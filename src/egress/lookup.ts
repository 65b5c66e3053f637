// Resolve, check, connect to what was checked: the socket takes its addresses from here, so that there is no second
// resolution in between that could answer differently. One forbidden address refuses the name as a whole.
import { lookup as systemLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { addressRefusal } from './address.ts'
import { egressDenied } from './faults.ts'

export interface ResolvedAddress {
  address: string
  family: number
}

/** Resolves all addresses of a host name. */
export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>

export const systemResolve: Resolve = (hostname) => systemLookup(hostname, { all: true, verbatim: true })

/** A `lookup` for node:net that hands out only addresses that may be reached. */
export function checkedLookup({ resolve, allowPrivate }: { resolve: Resolve; allowPrivate: boolean }): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (addresses: ResolvedAddress[]) => {
      for (const { address } of addresses) {
        const refusal = addressRefusal(address, allowPrivate)
        if (refusal) return callback(addressDenied({ hostname, address, refusal }), '', 0)
      }
      const [first] = addresses
      if (!first) return callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0)
      if (options.all) return callback(null, addresses)
      callback(null, first.address, first.family)
    }
    resolve(hostname).then(answer, (failure: NodeJS.ErrnoException) => callback(failure, '', 0))
  }
}

/** node:net asks no lookup for an IP literal, so that one is judged before a connection is made. */
export function checkLiteral(hostname: string, allowPrivate: boolean): void {
  if (isIP(hostname) === 0) return
  const refusal = addressRefusal(hostname, allowPrivate)
  if (refusal) throw addressDenied({ hostname, address: hostname, refusal })
}

const addressDenied = (facts: { hostname: string; address: string; refusal: string }) =>
  egressDenied(
    facts.hostname === facts.address
      ? `${facts.address} is ${facts.refusal}`
      : `${facts.hostname} resolves to ${facts.address}, ${facts.refusal}`,
    'Only an instance that is set to allow private addresses may reach one; cloud metadata and reserved addresses are never reached.',
  )
