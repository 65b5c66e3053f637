// Before the first test: the bundled command and the sandbox's worker are built again where a source is newer than they
// are. A build that fails takes the old bundle away, so the tests of the command fail rather than pass on old code, and
// all others still run.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Called once a run by vitest. */
export default function setup(): void {
  spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale', 'cli', 'worker'], { cwd: ROOT, stdio: 'inherit' })
}
