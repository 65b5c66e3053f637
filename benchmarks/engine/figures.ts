// Printing: one line a figure with the target that it is held against.

export const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0

export const microseconds = (ms: number): string => `${(ms * 1000).toFixed(0)} µs`

/** `held` compares the figure with the target; without one it is only told. */
export function tell(what: string, figure: string, target = '', held?: boolean): void {
  const verdict = held === undefined ? '' : held ? 'held' : 'MISSED'
  console.log(`  ${what.padEnd(52)}${figure.padStart(14)}   ${target.padEnd(22)}${verdict}`.trimEnd())
}
