// IFAB_HOME: the folder that holds a fabric's state. Made at first use, readable by its owner only.
import { access, constants, mkdir, stat } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { FabricError } from './errors.ts'

export interface Home {
  path: string
  config: string
  /** Instances, one YAML file each. */
  providers: string
  keys: string
  database: string
}

/** The home by option, IFAB_HOME or ~/.ifab; nothing is touched. */
export function homeAt(path: string | undefined, env: Record<string, string | undefined>): Home {
  const root = resolve(path ?? (env.IFAB_HOME || join(homedir(), '.ifab')))
  return {
    path: root,
    config: join(root, 'config.yaml'),
    providers: join(root, 'providers'),
    keys: join(root, 'keys'),
    database: join(root, 'fabric.db'),
  }
}

/** Makes the home where there is none; IF_ERR_HOME_UNUSABLE when it can't be made, read or written. */
export async function prepareHome(home: Home): Promise<void> {
  try {
    for (const folder of [home.path, home.providers, home.keys]) await makeFolder(folder)
    await access(home.path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new FabricError('IF_ERR_HOME_UNUSABLE', `${home.path} cannot be used as home (${code})`, {
      hint: 'Set IFAB_HOME (or --home) to a folder that you can write to.',
      details: { home: home.path, code },
      cause,
    })
  }
}

/** Makes a folder and those above it. Node's own `recursive` never comes back where the system says ENOENT for good (/proc). */
async function makeFolder(path: string): Promise<void> {
  const missing: string[] = []
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'ENOENT') throw thrown
    })
    if (found) break
    missing.unshift(folder)
  }
  for (const folder of missing) {
    await mkdir(folder, { mode: 0o700 }).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'EEXIST') throw thrown // another process was faster
    })
  }
}

/** The person at this terminal. */
export function defaultActor(): string {
  const name = userInfo().username.replace(/[^A-Za-z0-9._@-]/g, '-')
  return `if://person/${/^[A-Za-z0-9]/.test(name) ? name : `u${name}`}`
}
