// The modules that are measured, as the loader gives them, and the pool as the product opens it.
import wabt from 'wabt'
import { type Chassis, type LoadedModule, openChassis, quickJsModule } from '../../src/chassis/index.ts'
import { wasmSource } from '../../src/chassis/module/load-module.ts'
import { serviceContractSchema } from '../../src/chassis/module/service-contract.ts'
import { sha256Hex, silentLogger, systemClock } from '../../src/foundation/index.ts'

type Requirements = Partial<LoadedModule['contract']['resource_requirements']>

/** A share that no measurement uses up. */
export const AMPLE: Requirements = { max_cpu_percent: 400, max_api_calls_per_second: 10_000, max_host_calls: 100_000 }

export const ECHO = 'export const execute = (input) => input'
export const EDIT = `export const execute = ({ members, ...rest }) =>
  ({ ...rest, rev: rest.rev + 1, members: members.map((member) => ({ ...member, seen: true })) })`
export const LOOP = 'export const execute = () => { for (;;); }'
export const NATIVE_LOOP = 'export const execute = () => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)'
export const BOMB = 'export const execute = () => { const kept = []; for (;;) kept.push({ a: 1 }) }'
export const FLOOD = `import { call } from 'infrafabric:host'
export const execute = async () => { for (;;) await call(1) }`
export const GARBAGE =
  "export const execute = () => { for (;;) JSON.parse(JSON.stringify(new Array(1e4).fill('xyz'))) }"
export const CALLER = `import { call } from 'infrafabric:host'
export const execute = async (n) => { for (let i = 0; i < n; i++) await call(i); return n }`

const CORE = (code: string) => `(module
  (memory (export "memory") 2)
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "describe") (param i32 i32) (result i64) (i64.const 0))
  (func (export "execute") (param i32 i32) (result i64) ${code}))`
export const CORE_ECHO = CORE(
  '(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))',
)
export const CORE_LOOP = CORE('(loop $l (br $l)) (i64.const 0)')

const { parseWat } = await wabt()
export const binary = (text: string): Uint8Array<ArrayBuffer> => {
  const module = parseWat('module.wat', text)
  try {
    return Uint8Array.from(module.toBinary({}).buffer)
  } finally {
    module.destroy()
  }
}

export function scriptModule(id: string, script: string, requirements: Requirements = AMPLE): LoadedModule {
  return {
    id,
    version: '1.0.0',
    digest: sha256Hex(`${id}\n${script}\n${JSON.stringify(requirements)}`),
    signedBy: 'benchmark',
    contract: serviceContractSchema.parse({ swarm_id: id, version: '1.0.0', resource_requirements: requirements }),
    description: { kind: 'agent', id, name: id, version: '1.0.0' },
    examples: {},
    manifest: undefined,
    source: async () => ({ kind: 'script', script }),
    size: script.length,
  }
}

export function coreModule(id: string, text: string, requirements: Requirements = AMPLE): LoadedModule {
  const module = scriptModule(id, text, requirements)
  return { ...module, source: wasmSource(binary(text), module.contract, undefined, id) }
}

export const openPool = (workers = 2): Promise<Chassis> =>
  openChassis({ clock: systemClock, logger: silentLogger, quickJs: quickJsModule, workers })

/** About 2 KB of JSON as tasks and receipts are: texts, small numbers, times as text. */
export const INPUT = {
  rev: 1,
  title: 'what a task says of itself',
  members: Array.from({ length: 24 }, (_, n) => ({
    id: `member-${n}`,
    role: 'reviewer',
    since: '2026-01-01T00:00:00Z',
    weight: n,
  })),
}

/** As much in one text, as mails and documents are; what the targets were set by. */
export const TEXT = { rev: 1, text: 'x'.repeat(2_000), list: [1, 2, 3], members: [] }

/** The same with what QuickJS reads and writes slowest: a number that is no 32-bit integer in each member. */
export const LARGE_NUMBERS = {
  ...INPUT,
  members: INPUT.members.map((member) => ({ ...member, weight: 1795480000000.5 })),
}
