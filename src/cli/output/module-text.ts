// How a module reads: a line for lists, and the page that a person sees before it is loaded, with everything that it may
// reach, do and use.
import type { BrokenModule, ModuleView } from '../../fabric/index.ts'
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { knownFields } from '../input/field-schema.ts'
import type { Colours } from './colours.ts'
import { bytesText, counted, percentText, spanText } from './phrases.ts'
import { printableLine } from './printable.ts'
import { table } from './table.ts'

/** What is known of a module before and after it is loaded. */
export type ModuleFacts = Omit<ModuleView, 'active'>

/** `example-mail 1.0.0 · Example Mail · adapter · signed by operator · sha256 1a2b3c4d5e6f · 14 KiB`. */
export const moduleHead = (module: ModuleFacts, paint: Colours): string =>
  [
    paint.strong(`${module.id} ${module.version}`),
    printableLine(module.name),
    module.kind,
    `signed by ${module.signedBy}`,
    `sha256 ${module.digest.slice(0, 12)}`,
    bytesText(module.sizeBytes),
  ].join(' · ')

export function modulePage(module: ModuleFacts, paint: Colours): string {
  const rows = module.kind === 'adapter' ? adapterRows(module, paint) : agentRows(module)
  const all = [...rows, ['may use', usesText(module.contract)], ['promises', promisesText(module.contract)]]
  return `${moduleHead(module, paint)}\n${table(
    all.map(([what = '', ...facts]) => [paint.faint(what), ...facts]),
    '  ',
  )}`
}

function adapterRows({ hosts, operations }: ModuleFacts, paint: Colours): string[][] {
  const names = operations.map(({ id }) => printableLine(id))
  const width = Math.max(0, ...names.map((name) => name.length))
  return [
    ['reaches', hosts.length === 0 ? 'nothing' : printableLine(hosts.join(', '))],
    ...operations.map(({ effect }, at) => [
      at === 0 ? 'does' : '',
      `${(names[at] ?? '').padEnd(width)}  ${effect === 'read' ? effect : paint.warn(effect)}`,
    ]),
  ]
}

function agentRows({ input }: ModuleFacts): string[][] {
  const fields = input ? (knownFields(input, input) ?? []) : []
  return [
    ['reaches', 'nothing of its own: each run says what it may call (--grant)'],
    ...(fields.length > 0 ? [['takes', printableLine(fields.join(', '))]] : []),
  ]
}

/** `256 MiB · 25 % of a core · 10 host calls a second · 5 min a call · 4 calls at once`. */
function usesText(contract: JsonObject): string {
  const of = (name: string) => numberIn(contract, 'resource_requirements', name)
  const seconds = of('max_execution_time_seconds')
  const words: [number | undefined, (value: number) => string][] = [
    [of('max_memory_mb'), (value) => `${value} MiB`],
    [of('max_cpu_percent'), (value) => `${value} % of a core`],
    [of('max_api_calls_per_second'), (value) => `${value} host calls a second`],
    [seconds, (value) => `${secondsText(value)} a call`],
    [of('max_instances'), (value) => `${counted(value, 'call')} at once`],
  ]
  return words.flatMap(([value, say]) => (value === undefined ? [] : [say(value)])).join(' · ')
}

/** As the contract says it, minutes from one on. */
const secondsText = (seconds: number): string => (seconds < 60 ? `${seconds} s` : spanText(seconds * 1000))

/** `p99 500 ms · 95 % succeed · 99 % answered`. */
function promisesText(contract: JsonObject): string {
  const of = (name: string) => numberIn(contract, 'slos', name)
  const words: [number | undefined, (value: number) => string][] = [
    [of('p99_latency_ms'), (value) => `p99 ${spanText(value)}`],
    [of('success_rate'), (value) => `${percentText(value)} succeed`],
    [of('availability'), (value) => `${percentText(value)} answered`],
  ]
  return words.flatMap(([value, say]) => (value === undefined ? [] : [say(value)])).join(' · ')
}

/** A number of a contract; undefined where a fabric of another version does not tell it. */
export function numberIn(contract: JsonObject, section: string, name: string): number | undefined {
  const inner: JsonValue | undefined = contract[section]
  const value = inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? inner[name] : undefined
  return typeof value === 'number' ? value : undefined
}

/** Loaded ones, then the files that can't be used with what is wrong with them. */
export function modulesText(
  { modules, broken }: { modules: readonly ModuleView[]; broken: readonly BrokenModule[] },
  paint: Colours,
): string {
  const rows = modules.map(({ id, version, kind, active, operations, signedBy, sizeBytes }) => [
    active ? paint.good('*') : '',
    paint.strong(id),
    version,
    kind,
    kind === 'adapter' ? counted(operations.length, 'operation') : '',
    `signed by ${signedBy}`,
    bytesText(sizeBytes),
  ])
  const faults = broken.map(({ file, fault }) => [
    paint.bad('✗'),
    printableLine(file),
    printableLine(`${fault.code}: ${fault.message}`),
  ])
  const parts = [
    rows.length === 0 && faults.length === 0 ? 'no modules' : table(rows),
    ...(faults.length > 0 ? [paint.faint('cannot be used'), table(faults, '  ')] : []),
  ]
  return parts.filter((part) => part !== '').join('\n')
}
