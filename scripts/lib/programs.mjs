// Programs from outside npm that tests use. On Debian as root a missing one is installed; elsewhere it is named, and the
// tests that need it skip themselves.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @type {{ program: string, package: string, neededFor: string }[]} */
const PROGRAMS = [
  { program: 'git', package: 'git', neededFor: 'the scan of all tracked files' },
  { program: 'dbus-daemon', package: 'dbus', neededFor: 'the key of the vault in a real keyring' },
  { program: 'gnome-keyring-daemon', package: 'gnome-keyring', neededFor: 'the key of the vault in a real keyring' },
  { program: 'secret-tool', package: 'libsecret-tools', neededFor: 'the key of the vault in a real keyring' },
  { program: 'memcached', package: 'memcached', neededFor: 'S3 at a real server' },
  { program: 'swift-proxy-server', package: 'swift-proxy', neededFor: 'S3 at a real server' },
  { program: 'swift-account-server', package: 'swift-account', neededFor: 'S3 at a real server' },
  { program: 'swift-container-server', package: 'swift-container', neededFor: 'S3 at a real server' },
  { program: 'swift-object-server', package: 'swift-object', neededFor: 'S3 at a real server' },
]

/** Debian asks this file whether a package may start its daemon at installation; 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d'

export function ensurePrograms() {
  const missing = PROGRAMS.filter(({ program }) => !isHere(program))
  if (missing.length === 0) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) install(missing.map((entry) => entry.package))
  for (const { program, neededFor } of missing) {
    if (!isHere(program)) console.log(`${program} is missing and could not be installed: ${neededFor} will be skipped`)
  }
}

/** Looked up, not started: some take a second for that. @param {string} program */
const isHere = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

/** @param {string[]} packages */
function install(packages) {
  const guard = !existsSync(POLICY)
  if (guard) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    /** @type {import('node:child_process').SpawnSyncOptions} */
    const options = { env, stdio: ['ignore', 'inherit', 'inherit'], timeout: 120_000 }
    spawnSync('apt-get', ['update', '-q'], options)
    spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options)
  } finally {
    if (guard) rmSync(POLICY, { force: true })
  }
}
