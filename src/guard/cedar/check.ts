// What is wrong with policies, all at once, for the person who writes them.
import { readFile } from 'node:fs/promises'
import { FabricError } from '../../foundation/index.ts'
import { type CompileOptions, compilePolicies, type PolicyFault, type PolicyFile } from './compile.ts'

export interface CheckedPolicy {
  rule: string
  file: string
  line: number
  effect: 'permit' | 'forbid'
  text?: string
  ask?: { needed: number; approvers?: string }
}

export interface PolicyCheck {
  policies: CheckedPolicy[]
  faults: PolicyFault[]
  warnings: PolicyFault[]
}

/** Checks the text of policies together. */
export function checkPolicies(files: readonly PolicyFile[], options: CompileOptions): PolicyCheck {
  const { policies, faults, warnings } = compilePolicies(files, options)
  return {
    policies: policies.map(({ rule, file, line, annotated: { text, ask }, json }) => ({
      rule,
      file,
      line,
      effect: json.effect,
      ...(text === undefined ? {} : { text }),
      ...(ask ? { ask } : {}),
    })),
    faults,
    warnings,
  }
}

/** Checks one file; IF_ERR_NOT_FOUND where there is none. */
export async function checkPolicyFile(path: string, options: CompileOptions): Promise<PolicyCheck> {
  return checkPolicies([await readPolicyFile(path)], options)
}

/** A policy file by its path, which errors name as it was given. */
export async function readPolicyFile(path: string): Promise<PolicyFile> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new FabricError('IF_ERR_NOT_FOUND', `${path}: there is no such file`, { cause })
    throw new FabricError('IF_ERR_INVALID_FILE', `${path}: cannot be read (${cause.code})`, { cause })
  })
  return { name: path, text }
}
