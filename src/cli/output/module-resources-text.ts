// What modules use beside what their contracts allow: a row each.
import type { ModuleResources } from '../../chassis/index.ts'
import type { JsonObject } from '../../foundation/index.ts'
import type { Colours } from './colours.ts'
import { numberIn } from './module-text.ts'
import { bytesText, groupedText } from './phrases.ts'
import { table } from './table.ts'

export type ModuleUse = ModuleResources & { contract: JsonObject | null }

const HEAD = ['module', 'version', 'now', 'CPU', 'memory', 'calls', 'failed', 'stopped', 'host calls', 'fuel']

export function resourcesText(uses: readonly ModuleUse[], paint: Colours): string {
  const rows = uses.map((use) => [
    paint.strong(use.id),
    use.version,
    ofLimit(String(use.active), limit(use, 'max_instances')),
    cpuText(use, paint),
    ofLimit(bytesText(use.memoryBytes), limit(use, 'max_memory_mb'), ' MiB'),
    String(use.calls),
    counting(use.failures, paint),
    counting(use.limits, paint),
    groupedText(use.hostCalls),
    groupedText(use.fuel),
  ])
  return table([HEAD.map(paint.faint), ...rows])
}

const limit = ({ contract }: ModuleUse, name: string): number | undefined =>
  contract === null ? undefined : numberIn(contract, 'resource_requirements', name)

const ofLimit = (used: string, most: number | undefined, unit = ''): string =>
  most === undefined ? used : `${used} of ${most}${unit}`

function cpuText(use: ModuleUse, paint: Colours): string {
  const most = limit(use, 'max_cpu_percent')
  const text = ofLimit(`${Math.round(use.cpuPercent)} %`, most, ' %')
  return most !== undefined && use.cpuPercent > most ? paint.warn(text) : text
}

const counting = (count: number, paint: Colours): string => (count === 0 ? '0' : paint.warn(String(count)))
