// What Discord's own operations touch, in four kinds.
import type { Labels } from '../../../adapter/index.ts'

/** Reads what people wrote. */
export const READS: Labels = { reads: 'private', returns: 'untrusted', sends: 'none' }
/** Reads what is the bot's own. */
export const OWN: Labels = { reads: 'private', returns: 'trusted', sends: 'none' }
/** Carries words or names to people. */
export const ACTS: Labels = { reads: 'public', returns: 'trusted', sends: 'external' }
export const TAKES_BACK: Labels = { reads: 'public', returns: 'trusted', sends: 'none' }
