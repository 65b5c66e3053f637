// What a core module may import and must export, asked of real binaries before anything of them runs.
import { beforeAll, describe, expect, it } from 'vitest'
import wabtOf from 'wabt'
import { checkScriptExports } from '../../../../src/chassis/module/guest-interface.ts'
import { loadModule } from '../../../../src/chassis/module/load-module.ts'
import type { LoadedModule } from '../../../../src/chassis/module/loaded-module.ts'
import { defaultContract } from '../../../../src/chassis/module/service-contract.ts'
import { sealedAgent } from '../../../support/module-files.ts'
import { signingKey } from '../../../support/signing-key.ts'

const key = signingKey()
let wabt: Awaited<ReturnType<typeof wabtOf>>

beforeAll(async () => {
  wabt = await wabtOf()
})

const MEMORY = '(memory (export "memory") 1)'
const ALLOC = '(func (export "alloc") (param i32) (result i32) i32.const 8)'
const DESCRIBE = '(func (export "describe") (param i32 i32) (result i64) i64.const 0)'
const EXECUTE = '(func (export "execute") (param i32 i32) (result i64) i64.const 0)'
const WHOLE = [MEMORY, ALLOC, DESCRIBE, EXECUTE]

function load(parts: readonly string[], facts = {}): LoadedModule {
  const parsed = wabt.parseWat('m.wat', `(module ${parts.join('\n')})`)
  const wasm = new Uint8Array(parsed.toBinary({}).buffer)
  parsed.destroy()
  const bytes = sealedAgent(key, { code: { kind: 'wasm', wasm }, facts })
  return loadModule(bytes, { file: 'm.ifwasm', trustedKeys: [key.trusted] })
}

it('a module with all that an agent needs loads, and is compiled once', async () => {
  const module = load(WHOLE)
  const [first, second] = await Promise.all([module.source(), module.source()])

  expect(first).toBe(second)
  expect(first).toMatchObject({ kind: 'wasm', module: expect.any(WebAssembly.Module) })
})

it('may import what the host gives', () => {
  const imports = [
    '(import "infrafabric" "log" (func (param i32 i32 i32)))',
    '(import "infrafabric" "now" (func (result f64)))',
    '(import "infrafabric" "random" (func (param i32 i32)))',
  ]

  expect(() => load([...imports, ...WHOLE])).not.toThrow()
})

describe('refuses, by name,', () => {
  it.each([
    ['(import "env" "abort" (func))', 'it imports env.abort, which no host gives', 'its language’s own host'],
    ['(import "infrafabric" "logg" (func))', 'it imports infrafabric.logg', 'Did you mean `infrafabric.log`?'],
    ['(import "infrafabric" "toString" (func))', 'it imports infrafabric.toString', 'nothing else'],
    ['(import "infrafabric" "__proto__" (func))', 'it imports infrafabric.__proto__', 'nothing else'],
    ['(import "wasi_snapshot_preview1" "fd_write" (func))', 'wasi_snapshot_preview1.fd_write', 'There is no WASI here'],
    ['(import "infrafabric" "http" (func))', 'it imports infrafabric.http', 'nothing else'],
  ])('the import of %s', (wat, said, hint) => {
    expect(() => load([wat, ...WHOLE])).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_MODULE_INVALID',
        message: expect.stringContaining(said),
        hint: expect.stringContaining(hint),
      }),
    )
  })

  it.each([
    ['(import "infrafabric:meter" "tick" (func))', 'infrafabric:meter'],
    ['(import "infrafabric" "memory" (memory 1))', 'memory'],
    ['(import "infrafabric" "log" (global i32))', 'global'],
  ])('the import of %s, which is never taken', (wat, said) => {
    const withoutMemory = [wat, ...(wat.includes('memory 1') ? WHOLE.slice(1) : WHOLE)]

    expect(() => load(withoutMemory)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_MODULE_INVALID', message: expect.stringContaining(said) }),
    )
  })

  it('an import of another signature than the host’s', () => {
    expect(() => load(['(import "infrafabric" "now" (func (param i64) (result f64)))', ...WHOLE])).toThrow(
      'm.ifwasm: the import infrafabric.now is (i64) → f64, expected () → f64',
    )
  })

  it.each([
    ['memory', [ALLOC, DESCRIBE, EXECUTE], 'it does not export its memory as `memory`'],
    ['alloc', [MEMORY, DESCRIBE, EXECUTE], 'it does not export `alloc`'],
    ['describe', [MEMORY, ALLOC, EXECUTE], 'it does not export `describe`'],
    ['execute', [MEMORY, ALLOC, DESCRIBE], 'it does not export `execute`'],
  ])('a module without %s', (_name, parts, said) => {
    expect(() => load(parts)).toThrow(said)
  })

  it('an export of another kind or signature', () => {
    expect(() => load([MEMORY, ALLOC, DESCRIBE, '(global (export "execute") i32 (i32.const 1))'])).toThrow(
      'the export execute is a global, expected (i32, i32) → i64',
    )
    expect(() => load([MEMORY, ALLOC, DESCRIBE, '(func (export "execute") (param i32))'])).toThrow(
      'the export execute is (i32) → nothing, expected (i32, i32) → i64',
    )
    expect(() => load([ALLOC, DESCRIBE, EXECUTE, '(memory 1) (global (export "memory") i32 (i32.const 1))'])).toThrow(
      'its memory as `memory`',
    )
  })
})

it('a module that starts with more memory than its contract lets it is refused', () => {
  const contract = defaultContract({ swarm: 'echo', version: '1.0.0' })
  const small = { ...contract, resource_requirements: { ...contract.resource_requirements, max_memory_mb: 1 } }

  expect(() => load(['(memory (export "memory") 17)', ...WHOLE.slice(1)], { contract: small })).toThrow(
    expect.objectContaining({ code: 'IF_ERR_MODULE_INVALID' }),
  )
  expect(() => load(['(memory (export "memory") 16)', ...WHOLE.slice(1)], { contract: small })).not.toThrow()
})

it('code that does not validate is refused when it is loaded, in the engine’s words', () => {
  const wasm = Buffer.from(
    // One function () → i32 whose body leaves nothing.
    '0061736d010000000105016000017f030201000a0401020 00b'.replaceAll(' ', ''),
    'hex',
  )
  const bytes = sealedAgent(key, { code: { kind: 'wasm', wasm } })

  expect(() => loadModule(bytes, { file: 'm.ifwasm', trustedKeys: [key.trusted] })).toThrow(
    expect.objectContaining({ code: 'IF_ERR_MODULE_INVALID', message: expect.stringContaining('m.ifwasm') }),
  )
})

it('a script is told which function it lacks, and which it has', () => {
  expect(() => checkScriptExports(['plan', 'apply'], undefined, 'a.ts')).toThrow(
    'a.ts: it does not export describe (it exports plan, apply)',
  )
  expect(() => checkScriptExports([], 'agent', 'a.ts')).toThrow('it exports nothing')
  expect(() => checkScriptExports(['describe', 'plan', 'apply'], 'adapter', 'a.ts')).toThrow(
    expect.objectContaining({ hint: 'An adapter exports functions by name: describe, plan, apply, health.' }),
  )
  expect(() => checkScriptExports(['describe', 'execute', 'more'], 'agent', 'a.ts')).not.toThrow()
})
