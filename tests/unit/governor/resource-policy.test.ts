import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  parseResourcePolicy,
  RESOURCE_POLICIES,
  readResourcePolicy,
  resourcePolicyOf,
} from '../../../src/governor/index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-policy-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const parsed = (text: string) => parseResourcePolicy(text, 'resource-policy.yaml')

describe('a resource policy', () => {
  it('is the default one where a file says nothing else', () => {
    expect(parsed('resource_policy: {}\n')).toEqual(RESOURCE_POLICIES.default)
    expect(RESOURCE_POLICIES.default).toEqual({
      maxSwarmsPerTask: 3,
      maxCostPerTaskMicroUsd: 10_000_000,
      minCapabilityMatch: 0.7,
      circuitBreakerFailureThreshold: 3,
      enableBudgetEnforcement: true,
      enableReputationScoring: true,
    })
  })

  it('takes what a file leaves out from the set that it names', () => {
    const text =
      'resource_policy:\n  base: production\n  max_cost_per_task_usd: 7.5\n  enable_reputation_scoring: false\n'

    expect(parsed(text)).toEqual({
      ...RESOURCE_POLICIES.production,
      maxCostPerTaskMicroUsd: 7_500_000,
      enableReputationScoring: false,
    })
  })

  it('ships as a file that says the default', async () => {
    const shipped = new URL('../../../policies/resource-policy.yaml', import.meta.url)

    expect(await readResourcePolicy(fileURLToPath(shipped))).toEqual(RESOURCE_POLICIES.default)
  })

  it('can say every field', () => {
    const text = `resource_policy:
  base: development
  max_swarms_per_task: 1
  max_cost_per_task_usd: 2
  min_capability_match: 1
  circuit_breaker_failure_threshold: 9
  enable_budget_enforcement: false
  enable_reputation_scoring: false
`
    expect(parsed(text)).toEqual({
      maxSwarmsPerTask: 1,
      maxCostPerTaskMicroUsd: 2_000_000,
      minCapabilityMatch: 1,
      circuitBreakerFailureThreshold: 9,
      enableBudgetEnforcement: false,
      enableReputationScoring: false,
    })
  })

  it.each([
    [
      'a misspelt field',
      'resource_policy:\n  base: default\n  max_swarm_per_task: 3\n',
      'resource-policy.yaml:3 resource_policy: unknown field "max_swarm_per_task"',
      'Did you mean `max_swarms_per_task`?',
    ],
    [
      'a field that is like no other',
      'resource_policy:\n  colour: red\n',
      'resource-policy.yaml:2 resource_policy: unknown field "colour"',
      /^Fields are base, max_swarms_per_task/,
    ],
    [
      'a misspelt root',
      'resource_polcy:\n  base: default\n',
      'resource-policy.yaml:1 unknown field "resource_polcy"',
      'Did you mean `resource_policy`?',
    ],
    [
      'a value that is out of range',
      'resource_policy:\n  min_capability_match: 70\n',
      /^resource-policy.yaml:2 resource_policy.min_capability_match: /,
      undefined,
    ],
    ['no root', '{}\n', /^resource-policy.yaml:1 resource_policy: is missing/, undefined],
    ['an empty file', '', /^resource-policy.yaml:1 /, undefined],
    ['what is not YAML', 'resource_policy: [\n', /^resource-policy.yaml:/, undefined],
  ])('with %s is refused by line', (_what, text, message, hint) => {
    expect(() => parsed(text)).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_INVALID_FILE',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
        hint: hint instanceof RegExp ? expect.stringMatching(hint) : hint,
      }),
    )
  })

  it('is read from its file, and is the default one where there is none', async () => {
    const path = join(folder, 'resource-policy.yaml')

    await expect(readResourcePolicy(path)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(await resourcePolicyOf(path)).toBe(RESOURCE_POLICIES.default)

    writeFileSync(path, 'resource_policy: { base: development }\n')
    expect(await resourcePolicyOf(path)).toEqual(RESOURCE_POLICIES.development)

    writeFileSync(path, 'resource_policy: { base: paradise }\n')
    await expect(resourcePolicyOf(path)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_FILE' })
  })
})
