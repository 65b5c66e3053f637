// What Stripe's operations touch: data of the account's own, written by its owner and Stripe.

/** Reads, and what tells nobody outside anything. */
export const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const

/** Words or events that reach somebody outside. */
export const OUTWARD = { reads: 'private', returns: 'trusted', sends: 'external' } as const
