/** Pinned for answers and for the events of endpoints that are made here. */
export const STRIPE_VERSION = '2026-10-28.endive'
