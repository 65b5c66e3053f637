// By which way a fabric was reached, in words.
import type { Way } from '../../fabric/index.ts'

/** `daemon unix:/srv/ana/.ifab/ifab.sock (0.1.0)`, `home /srv/ana/.ifab, opened by this command`. */
export function wayText(way: Way): string {
  if (way.kind === 'home') return `home ${way.home}, opened by this command`
  return `daemon ${placeOf(way)} (${way.version})`
}

/** `prod (https://ifab.example.com)` for a fabric that is not on this machine; undefined for one that is. */
export const elsewhere = (way: Way): string | undefined =>
  way.kind === 'daemon' && !way.isLocal ? placeOf(way) : undefined

/** ` on prod (https://ifab.example.com)`, with the space, for a question; nothing for this machine. */
export function onPlace(way: Way): string {
  const place = elsewhere(way)
  return place === undefined ? '' : ` on ${place}`
}

const placeOf = ({ context, address }: Extract<Way, { kind: 'daemon' }>): string =>
  context === null ? address : `${context} (${address})`
