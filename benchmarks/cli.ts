// How much longer than an empty Node the command takes to say its version. Pairs run in turn, so that what else the
// machine does hits both alike; medians, because the distribution has a long tail.
import { spawnSync } from 'node:child_process'

const PAIRS = 40
const WARM_UP = 5
const TARGET = 1.5

const EMPTY = ['-e', '0']
const VERSION = ['bin/ifab.cjs', '--version']

/** Prints both medians and their ratio. */
export async function run(): Promise<void> {
  const pairs = Array.from({ length: WARM_UP + PAIRS }, () => ({
    emptyMs: timeNode(EMPTY),
    versionMs: timeNode(VERSION),
  }))
  const measured = pairs.slice(WARM_UP)

  const emptyMs = median(measured.map((pair) => pair.emptyMs))
  const versionMs = median(measured.map((pair) => pair.versionMs))
  const ratio = median(measured.map((pair) => pair.versionMs / pair.emptyMs))

  console.log(`node -e 0        ${emptyMs.toFixed(1)} ms   (median of ${PAIRS}, Node ${process.versions.node})`)
  console.log(`ifab --version   ${versionMs.toFixed(1)} ms`)
  console.log(`ratio            ${ratio.toFixed(2)}   target ≤ ${TARGET}: ${ratio <= TARGET ? 'met' : 'MISSED'}`)
}

function timeNode(args: string[]): number {
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`)
  return performance.now() - startedAt
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) throw new Error('no values')
  return (low + high) / 2
}
