// The version of the package. Its package.json lies two folders up from this file in src/cli/ and from its chunk in
// dist/cli/ alike.
import { readFileSync } from 'node:fs'

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

export const version = (manifest as { version: string }).version // npm refuses a package without one
