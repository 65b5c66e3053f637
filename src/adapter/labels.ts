// What an operation touches, for judging sequences (private + untrusted + outward). A definition labels only where it
// deviates; these defaults say the rest. An unlabelled native operation is taken for the worst in every respect.
import type { Effect, Labels } from './definition.ts'

const WORST: Labels = { reads: 'private', returns: 'untrusted', sends: 'external' }

// By family. Writing words to people reads nothing private and returns only an id, but carries data out; what people
// wrote is untrusted. Payment data is private, yet written by us and the vendor, not by strangers. Machines of the
// house are private and no way out.
const FAMILIES: Record<string, { read: Labels; write: Labels }> = {
  message: {
    read: { reads: 'private', returns: 'untrusted', sends: 'none' },
    write: { reads: 'public', returns: 'trusted', sends: 'external' },
  },
  channel: {
    read: { reads: 'private', returns: 'untrusted', sends: 'none' },
    write: { reads: 'public', returns: 'trusted', sends: 'external' },
  },
  ...family(['payment', 'refund', 'customer', 'balance'], {
    read: { reads: 'private', returns: 'trusted', sends: 'none' },
    write: { reads: 'private', returns: 'trusted', sends: 'external' },
  }),
  ...family(['device', 'automation', 'state'], {
    read: { reads: 'private', returns: 'trusted', sends: 'none' },
    write: { reads: 'private', returns: 'trusted', sends: 'none' },
  }),
}

/** Labels of an operation: the family's defaults, overruled by what the definition says. */
export function labelsOf(operation: {
  id: string
  native: boolean
  effect: Effect
  labels?: Partial<Labels> | undefined
}): Labels {
  return { ...defaultsOf(operation), ...operation.labels }
}

function defaultsOf({ id, native, effect }: { id: string; native: boolean; effect: Effect }): Labels {
  if (native) return WORST
  const known = FAMILIES[id.slice(0, id.indexOf('.'))]
  if (known) {
    // Taking words back carries nothing out.
    if (effect === 'delete') return { ...known.write, sends: 'none' }
    return effect === 'read' ? known.read : known.write
  }
  return effect === 'read' ? { ...WORST, sends: 'none' } : WORST
}

function family(names: readonly string[], labels: { read: Labels; write: Labels }) {
  return Object.fromEntries(names.map((name) => [name, labels]))
}
