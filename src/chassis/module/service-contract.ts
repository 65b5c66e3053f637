// The service contract: what a module is called, what it may use and what it promises. Written as YAML beside the module's
// code, sealed into the module file with every default written out, so that a later release changes no limit of it.
// A limit that nothing could keep, or that would hold nobody, is refused.
import { z } from 'zod'
import {
  checkCapability,
  describeIssue,
  formatPath,
  invalidFile,
  type ParsedDocument,
  parseDocumentText,
  readDocument,
  suggestion,
} from '../../foundation/index.ts'
import type { GuestLimits } from '../guest-protocol.ts'

/** How many workers one module could keep busy at the very most. */
const MOST_INSTANCES = 64

const resourceRequirements = z
  .strictObject({
    max_memory_mb: z.int().min(1).max(2_048).default(256).describe('Memory of one instance, in MiB: 1 to 2048.'),
    max_cpu_percent: z
      .number()
      .min(1)
      .max(100 * MOST_INSTANCES)
      .default(25)
      .describe('Share of one core that all instances together may use: 1 to 100 for each of max_instances.'),
    max_api_calls_per_second: z
      .number()
      .positive()
      .max(10_000)
      .default(10)
      .describe('Host calls a second, of all instances together: above 0, at most 10000.'),
    max_execution_time_seconds: z
      .number()
      .min(0.01)
      .max(3_600)
      .default(300)
      .describe('Time of one call, host calls included: 0.01 to 3600.'),
    max_fuel: z
      .int()
      .min(100_000)
      .max(1e15)
      .default(1e11)
      .describe('Units of fuel of one call (an instruction of a core module, a turn of a script): 1e5 to 1e15.'),
    max_output_kb: z.int().min(1).max(16_384).default(1_024).describe('One answer, in KiB: 1 to 16384.'),
    max_call_depth: z
      .int()
      .min(16)
      .max(20_000)
      .default(1_000)
      .describe('Nested calls; a script gets 256 bytes of stack for each: 16 to 20000.'),
    max_table_elements: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(10_000)
      .describe('Elements of all tables of a core module together: 0 to 1000000.'),
    max_host_calls: z.int().min(0).max(1_000_000).default(1_000).describe('Host calls of one call: 0 to 1000000.'),
    max_instances: z
      .int()
      .min(1)
      .max(MOST_INSTANCES)
      .default(4)
      .describe('Calls of the module that run at the same time: 1 to 64.'),
  })
  .refine(({ max_cpu_percent, max_instances }) => max_cpu_percent <= 100 * max_instances, {
    path: ['max_cpu_percent'],
    error: 'is more than its max_instances could use (100 for each)',
  })

const slos = z.strictObject({
  p99_latency_ms: z.number().positive().max(3_600_000).default(500).describe('99 of 100 calls are faster.'),
  success_rate: z.number().min(0).max(1).default(0.95).describe('Share of calls that succeed: 0 to 1.'),
  availability: z.number().min(0).max(1).default(0.99).describe('Share of calls that are answered: 0 to 1.'),
})

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'expected letters, digits, dots, underscores and hyphens, at most 128')

const capability = z.string().refine(isCapability, 'expected domain:skill or domain:skill:detail in lower case')

export const serviceContractSchema = z
  .strictObject({
    swarm_id: name.describe('The swarm that the module works for; its budgets and freezes hold for the module.'),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, 'expected a version such as 1.0.0')
      .describe('Version of the module, the same as `describe` tells.'),
    capabilities: z.array(capability).max(256).default([]).describe('What it can be asked for: domain:skill[:detail].'),
    resource_requirements: resourceRequirements
      .prefault({})
      .describe('What it may use; a call that uses more is stopped.'),
    slos: slos.prefault({}).describe('What it promises; its reputation is measured by it.'),
    dependencies: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(@\d+\.\d+\.\d+)?$/, 'expected NAME or NAME@1.2.0'))
      .max(256)
      .default([])
      .describe('Modules and providers that it counts on: NAME or NAME@1.2.0.'),
    wasm_module: z.string().min(1).optional().describe('File of a core module, as seen from the contract.'),
  })
  .describe('The service contract of a module of the chassis.')

export type ServiceContract = z.output<typeof serviceContractSchema>

/** Reads a contract; IF_ERR_INVALID_FILE with file, line and, for an unknown field, the nearest known one. */
export async function readServiceContract(path: string): Promise<ParsedDocument<ServiceContract>> {
  return checked(await readDocument(path, z.unknown()), path)
}

/** The contract of a text; `name` is the file that errors name. */
export const parseServiceContract = (text: string, name: string): ParsedDocument<ServiceContract> =>
  checked(parseDocumentText(text, z.unknown(), name), name)

/** A contract with every default, for a module that has none of its own. */
export const defaultContract = (of: { swarm: string; version: string }): ServiceContract =>
  serviceContractSchema.parse({ swarm_id: of.swarm, version: of.version })

const MEBIBYTE = 1_048_576
const STACK_BYTES_A_CALL = 256

/** What one guest call may use under a contract. */
export function limitsOf({ resource_requirements: of }: ServiceContract): GuestLimits {
  return {
    memoryBytes: of.max_memory_mb * MEBIBYTE,
    fuel: of.max_fuel,
    wallMs: Math.ceil(of.max_execution_time_seconds * 1_000),
    outputBytes: of.max_output_kb * 1_024,
    callDepth: of.max_call_depth,
    stackBytes: of.max_call_depth * STACK_BYTES_A_CALL,
    tableElements: of.max_table_elements,
    hostCalls: of.max_host_calls,
    cpuPercent: of.max_cpu_percent,
  }
}

function checked({ value, lineOf }: ParsedDocument<unknown>, name: string): ParsedDocument<ServiceContract> {
  const parsed = serviceContractSchema.safeParse(value ?? {})
  if (parsed.success) return { value: parsed.data, lineOf }
  const { line, field, problem, hint } = faultOf(parsed.error.issues, lineOf)
  throw invalidFile(name, line, field, problem, hint)
}

/** The issue that tells most: a misspelt field before what is missing because of it. */
function faultOf(
  issues: readonly z.core.$ZodIssue[],
  lineOf: (path: readonly PropertyKey[]) => number,
): { line: number; field: string; problem: string; hint?: string } {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys')
  const issue = unknown ?? issues[0]
  const [key] = unknown?.keys ?? []
  if (!issue) return { line: 1, field: '', problem: 'is wrong' }
  const place = key === undefined ? issue.path : [...issue.path, key]
  const fault = { line: lineOf(place), field: formatPath(issue.path), problem: describeIssue(issue) }
  if (key === undefined) return fault
  const known = knownFields(issue.path)
  return { ...fault, hint: suggestion(key, known, `Fields here are ${known.join(', ')}.`) }
}

const knownFields = ([section]: readonly PropertyKey[]): string[] =>
  Object.keys(
    section === 'resource_requirements'
      ? resourceRequirements.shape
      : section === 'slos'
        ? slos.shape
        : serviceContractSchema.shape,
  )

function isCapability(text: string): boolean {
  try {
    return checkCapability(text, { owned: true }) === text
  } catch {
    return false // the message of the check says what was expected
  }
}
