import { describe, expect, it } from 'vitest'
import {
  defaultContract,
  limitsOf,
  parseServiceContract,
  readServiceContract,
} from '../../../../src/chassis/module/service-contract.ts'
import type { FabricError } from '../../../../src/foundation/index.ts'

const parse = (text: string) => parseServiceContract(text, 'contract.yaml').value
const MINIMAL = 'swarm_id: acme\nversion: 1.0.0\n'

function refusal(text: string): Pick<FabricError, 'code' | 'message' | 'hint'> {
  try {
    parse(text)
  } catch (thrown) {
    const { code, message, hint } = thrown as FabricError
    return { code, message, hint }
  }
  throw new Error('was taken')
}

it('a contract of name and version alone has every default', () => {
  expect(parse(MINIMAL)).toEqual({
    swarm_id: 'acme',
    version: '1.0.0',
    capabilities: [],
    resource_requirements: {
      max_memory_mb: 256,
      max_cpu_percent: 25,
      max_api_calls_per_second: 10,
      max_execution_time_seconds: 300,
      max_fuel: 1e11,
      max_output_kb: 1_024,
      max_call_depth: 1_000,
      max_table_elements: 10_000,
      max_host_calls: 1_000,
      max_instances: 4,
    },
    slos: { p99_latency_ms: 500, success_rate: 0.95, availability: 0.99 },
    dependencies: [],
  })
  expect(defaultContract({ swarm: 'acme', version: '1.0.0' })).toEqual(parse(MINIMAL))
})

it('takes every field, and what is left out of a section has its default', () => {
  const contract = parse(
    `${MINIMAL}capabilities: ['mail:send', 'mail:*']\nresource_requirements: { max_memory_mb: 64 }\nslos: { p99_latency_ms: 50 }\ndependencies: [slack, acme-mail@1.2.0]\nwasm_module: module.wasm\n`,
  )

  expect(contract).toMatchObject({
    capabilities: ['mail:send', 'mail:*'],
    resource_requirements: { max_memory_mb: 64, max_cpu_percent: 25 },
    slos: { p99_latency_ms: 50, success_rate: 0.95 },
    dependencies: ['slack', 'acme-mail@1.2.0'],
    wasm_module: 'module.wasm',
  })
})

it('gives the limits of a call in the units of guests', () => {
  const contract = parse(
    `${MINIMAL}resource_requirements: { max_memory_mb: 2, max_execution_time_seconds: 0.25, max_output_kb: 1, max_call_depth: 100, max_fuel: 200000, max_table_elements: 5, max_host_calls: 7 }\n`,
  )

  expect(limitsOf(contract)).toEqual({
    memoryBytes: 2_097_152,
    fuel: 200_000,
    wallMs: 250,
    outputBytes: 1_024,
    callDepth: 100,
    stackBytes: 25_600,
    tableElements: 5,
    hostCalls: 7,
    cpuPercent: 25,
  })
})

describe('refuses', () => {
  it('an unknown field, with its line and the nearest known one', () => {
    expect(refusal(`${MINIMAL}resource_requirements:\n  max_memory: 64\n`)).toEqual({
      code: 'IF_ERR_INVALID_FILE',
      message: 'contract.yaml:4 resource_requirements: unknown field "max_memory"',
      hint: expect.stringMatching(/^Did you mean `max_memory_mb`/),
    })
    expect(refusal(`${MINIMAL}slo: {}\n`)).toMatchObject({
      message: 'contract.yaml:3 unknown field "slo"',
      hint: expect.stringMatching(/^Did you mean `slos`/),
    })
    expect(refusal(`${MINIMAL}slos: { p99: 5 }\n`).hint).toContain('p99_latency_ms')
  })

  it('a misspelt field before the one that is missing because of it', () => {
    expect(refusal('swarmId: acme\nversion: 1.0.0\n')).toMatchObject({
      message: 'contract.yaml:1 unknown field "swarmId"',
      hint: expect.stringMatching(/^Did you mean `swarm_id`/),
    })
  })

  it('an empty file, for what is missing', () => {
    expect(refusal('').message).toMatch(/^contract.yaml:1 swarm_id: is missing/)
  })

  it.each([
    ['max_memory_mb: 0', 4],
    ['max_memory_mb: 2049', 4],
    ['max_memory_mb: 1.5', 4],
    ['max_memory_mb: "64"', 4],
    ['max_cpu_percent: 0', 4],
    ['max_cpu_percent: 401', 4],
    ['max_api_calls_per_second: 0', 4],
    ['max_api_calls_per_second: -1', 4],
    ['max_api_calls_per_second: .inf', 4],
    ['max_execution_time_seconds: 0', 4],
    ['max_execution_time_seconds: 3601', 4],
    ['max_execution_time_seconds: .nan', 4],
    ['max_fuel: 10', 4],
    ['max_output_kb: 16385', 4],
    ['max_call_depth: 8', 4],
    ['max_table_elements: -1', 4],
    ['max_host_calls: 1000001', 4],
    ['max_instances: 0', 4],
    ['max_instances: 65', 4],
  ])('the limit %s', (limit, line) => {
    const { code, message } = refusal(`${MINIMAL}resource_requirements:\n  ${limit}\n`)

    expect(code).toBe('IF_ERR_INVALID_FILE')
    expect(message).toMatch(new RegExp(`^contract\\.yaml:${line} resource_requirements\\.${limit.split(':')[0]}: `))
  })

  it('a share of the processor that its instances could not use', () => {
    expect(refusal(`${MINIMAL}resource_requirements:\n  max_cpu_percent: 200\n  max_instances: 1\n`).message).toBe(
      'contract.yaml:4 resource_requirements.max_cpu_percent: is more than its max_instances could use (100 for each)',
    )
  })

  it.each([
    ['success_rate: 1.1', 'slos'],
    ['availability: -0.1', 'slos'],
    ['p99_latency_ms: 0', 'slos'],
  ])('the promise %s', (promise, section) => {
    expect(refusal(`${MINIMAL}${section}:\n  ${promise}\n`).message).toContain('contract.yaml:4 slos.')
  })

  it.each([
    'capabilities: [Mail]',
    'capabilities: ["*"]',
    'dependencies: [a@latest]',
    'dependencies: slack',
    'swarm_id: "../etc"',
    'version: 1.0',
  ])('%s', (line) => {
    const text = line.startsWith('swarm_id') || line.startsWith('version') ? line : `${MINIMAL}${line}`

    expect(refusal(`${text}\n`).code).toBe('IF_ERR_INVALID_FILE')
  })

  it('what is no map, and a file that is not there', async () => {
    expect(refusal('- a\n').code).toBe('IF_ERR_INVALID_FILE')
    await expect(readServiceContract('/nowhere/contract.yaml')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})
