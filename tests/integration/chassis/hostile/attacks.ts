// Modules that attack the chassis, and what each must end with. What each guest does to itself is tested where guests are;
// here the same attacks go through the pool, with neighbours beside them.
import type { LoadedModule } from '../../../../src/chassis/module/loaded-module.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { wat } from '../../../unit/chassis/metering/rig.ts'
import { answerText, coreModule, coreText, type Requirements } from './core-module.ts'

export interface Attack {
  name: string
  module: LoadedModule
  /** Code and limit, as `faultOf` tells it. */
  ends: string
}

/** Small, but of the processor as much as it can get, so that its own limit is what ends it. */
const SMALL: Requirements = {
  max_cpu_percent: 400,
  max_execution_time_seconds: 0.25,
  max_memory_mb: 8,
  max_api_calls_per_second: 10_000,
  max_host_calls: 40,
  max_output_kb: 16,
}
/** Long enough to reach another limit than its time on a busy machine. */
const PATIENT: Requirements = { ...SMALL, max_execution_time_seconds: 30 }

const TIME = 'IF_ERR_MODULE_LIMIT time'
const FUEL = 'IF_ERR_MODULE_LIMIT fuel'
const MEMORY = 'IF_ERR_MODULE_LIMIT memory'
const RECURSION = 'IF_ERR_MODULE_LIMIT recursion'
const HOST_CALLS = 'IF_ERR_MODULE_LIMIT host-calls'
const OUTPUT = 'IF_ERR_MODULE_LIMIT output'
const FAILED = 'IF_ERR_MODULE_FAILED'

/** The pool tells modules apart by it. */
const idOf = (name: string): string => name.replaceAll(/[^A-Za-z]+/g, '-')

const DEEP = 'let deep = {}; for (let i = 0; i < 150; i++) deep = { a: deep, b: deep }'

const script = (name: string, body: string, ends: string, requirements = ends === TIME ? SMALL : PATIENT): Attack => ({
  name: `script: ${name}`,
  ends,
  module: guestModule(
    idOf(name),
    `import { call, kv, log } from 'infrafabric:host'\nexport const execute = async (input) => { ${body} }`,
    requirements,
  ),
})

const core = (
  name: string,
  code: string,
  ends: string,
  {
    requirements = ends === TIME ? SMALL : PATIENT,
    ...parts
  }: Parameters<typeof coreText>[1] & {
    requirements?: Requirements
  } = {},
): Attack => ({
  name: `core: ${name}`,
  ends,
  module: coreModule(idOf(name), wat(coreText(code, parts)), requirements),
})

const whole = (name: string, text: string, ends: string, requirements = SMALL): Attack => ({
  name: `core: ${name}`,
  ends,
  module: coreModule(idOf(name), wat(text), requirements),
})

const LOOP = '(loop $l (br $l)) (i64.const 0)'
const PENDING = answerText('{"pending":{"call":1},"state":1}')
const SHELL = '(func (export "describe") (param i32 i32) (result i64) (i64.const 0))'

const SCRIPTS: Attack[] = [
  script('an endless loop', 'for (;;);', TIME),
  script('an endless loop by its fuel', 'for (;;);', FUEL, { ...PATIENT, max_fuel: 1_000_000 }),
  script('a regular expression that backtracks', "return /^(a+)+$/.test('a'.repeat(40) + 'b')", TIME),
  script('a sort callback', 'return [3, 2, 1].sort(() => { for (;;); })', TIME),
  script('toJSON of the answer', 'return { toJSON() { for (;;); } }', TIME),
  script('JSON of a structure that doubles with each level', `${DEEP}; return JSON.stringify(deep).length`, TIME, {
    ...SMALL,
    max_memory_mb: 256,
  }),
  script('a getter of the answer', 'return { get a() { for (;;); } }', TIME),
  script('a native loop: join', "return new Array(5e8).join('x').length", TIME, { ...SMALL, max_memory_mb: 1_024 }),
  script('a native loop: indexOf', 'return [].indexOf.call({ length: 2 ** 53 - 1 }, 1)', TIME),
  script(
    'promise jobs that make jobs',
    'const job = () => Promise.resolve().then(job); job(); await new Promise(() => {})',
    TIME,
  ),
  script('a host call that is never answered', "await call('never')", TIME),
  script('memory: bytes', 'const kept = []; for (;;) kept.push(new Uint8Array(65536))', MEMORY),
  script('memory: strings', "const kept = []; for (;;) kept.push('x'.repeat(1e5) + kept.length)", MEMORY),
  script('memory: many small objects', 'const kept = []; for (;;) kept.push({ a: 1 })', MEMORY),
  script(
    'memory: the log',
    "const kept = []; for (;;) { log('x'.repeat(1e5)); kept.push(new Array(1e4).fill(0)) }",
    MEMORY,
  ),
  script('recursion', 'const f = () => f() + 1; return f()', RECURSION),
  script('recursion through JSON', "return JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))", RECURSION),
  script('host calls one after the other', 'for (;;) try { await call(1) } catch {}', HOST_CALLS),
  script('host calls all at once', 'await Promise.all(Array.from({ length: 5000 }, () => call(1)))', HOST_CALLS),
  script('records one after the other', "for (let i = 0; ; i++) await kv.set('k' + i, i)", HOST_CALLS),
  script('host calls faster than its rate', 'for (;;) await call(1)', 'IF_ERR_MODULE_FAILED', {
    ...SMALL,
    max_api_calls_per_second: 1,
  }),
  script('a huge answer', "return 'x'.repeat(1e6)", OUTPUT),
  script('a huge intent', "await call('x'.repeat(1e6))", OUTPUT),
  script('a promise that never ends', 'await new Promise(() => {})', FAILED),
  script('a module of Node by import()', "return await import('fs')", FAILED),
  {
    name: 'script: a module of Node by import',
    ends: FAILED,
    module: guestModule('import', "import 'fs'; export const execute = () => 1", SMALL),
  },
  {
    name: 'script: an endless loop at its top level',
    ends: TIME,
    module: guestModule('top-level', 'for (;;); export const execute = () => 1', SMALL),
  },
  script(
    'the constructor of what the host made',
    "return call.constructor.constructor('return process')().exit(3)",
    FAILED,
  ),
  script(
    'the constructor of an error of the host',
    "try { await kv.get(1) } catch (e) { return e.constructor.constructor('return process')().exit(3) }",
    FAILED,
  ),
]

const CORES: Attack[] = [
  core('an endless loop', LOOP, TIME),
  core('an endless loop by its fuel', LOOP, FUEL, { requirements: { ...PATIENT, max_fuel: 1_000_000 } }),
  core(
    'memory that is filled again and again',
    '(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)) (i64.const 0)',
    TIME,
  ),
  core(
    'an endless flood of log lines',
    '(loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 8000)) (br $l)) (i64.const 0)',
    TIME,
  ),
  whole(
    'an endless start function',
    `(start $s) (func $s (loop $l (br $l))) ${coreText('(i64.const 0)').replace('(import "infrafabric" "log" (func $log (param i32 i32 i32)))', '')}`,
    TIME,
  ),
  whole(
    'an endless alloc',
    `(memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) (loop $l (br $l)) (i32.const 0))
     (func (export "execute") (param i32 i32) (result i64) (i64.const 0)) ${SHELL}`,
    TIME,
  ),
  core('memory', '(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable', MEMORY),
  core(
    'tables',
    '(loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 100)) (i32.const -1)))) unreachable',
    FAILED,
    {
      rest: '(table $t 1 funcref)',
    },
  ),
  core('recursion', '(call $execute (local.get 0) (local.get 1))', RECURSION),
  core('host calls one after the other', PENDING.code, HOST_CALLS, { rest: PENDING.rest }),
  core('a huge answer', '(call $answer (i32.const 0) (i32.const 60000))', OUTPUT),
  core('an answer outside of its memory', '(call $answer (i32.const 65530) (i32.const 100))', FAILED),
  core('an answer at a negative place', '(call $answer (i32.const -8) (i32.const 100))', FAILED),
  core('a trap', 'unreachable', FAILED),
]

export const ATTACKS: readonly Attack[] = [...SCRIPTS, ...CORES]
