// Where things are, for every script: all of them work from any current folder.
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** For files that scripts make on the way; inside node_modules so that bare imports resolve and git looks away. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/infrafabric', import.meta.url))
