// What the keyrings of different systems have in common: texts under names, reached through the system's own programs.
import type { FabricError } from '../foundation/index.ts'
import { keyUnusable } from './vault-key.ts'

/** One system's keyring. Values are base64 text; each call rejects with IF_ERR_SECRET_UNREADABLE, made by `keyringFailure`. */
export interface Keyring {
  check(): Promise<void>
  read(name: string): Promise<string | undefined>
  write(name: string, value: string): Promise<void>
  remove(name: string): Promise<void>
}

/** Runs a program of the keyring; `args` may show in the process list, `input` doesn't. */
export type RunProgram = (
  program: string,
  args: string[],
  input?: string,
) => Promise<{ code: number; stdout: string; stderr: string }>

export interface KeyringParts {
  run: RunProgram
  env: Record<string, string | undefined>
  /** The folder of the home's keys, for people. */
  keysDir: string
  /** Marks what this home put there; letters and digits. */
  home: string
}

export const keyringFailure = (problem: string): FabricError =>
  keyUnusable(`the OS keyring cannot be used: ${problem}`, {
    hint: 'Run it in a session whose keyring is unlocked. There, ifab secret key --to file moves the key out of the keyring for good.',
  })

/** One line of what a program said. */
export const saidBy = (stderr: string): string => stderr.trim().split('\n').pop()?.slice(0, 200) || 'it gave no reason'
