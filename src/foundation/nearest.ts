// "Did you mean": which known words a mistyped one is close to. For commands, flags, operations, fields and names.

/** `Did you mean \`a\` or \`b\`?` for the nearest words; undefined where none is near. */
export function didYouMean(typed: string, known: Iterable<string>): string | undefined {
  const close = nearest(typed, known)
  return close.length === 0 ? undefined : `Did you mean ${close.map((name) => `\`${name}\``).join(' or ')}?`
}

/** A hint that begins with the suggestion, where there is one. */
export const suggestion = (typed: string, known: Iterable<string>, rest: string): string =>
  [didYouMean(typed, known), rest].filter(Boolean).join(' ')

/** At most three candidates, nearest first: few edits away, or holding what was typed. */
export function nearest(typed: string, known: Iterable<string>): string[] {
  const wanted = typed.toLowerCase()
  const scored = [...new Set(known)].flatMap((name) => {
    const candidate = name.toLowerCase()
    const edits = editDistance(wanted, candidate)
    const near = edits <= Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))
    const holds = wanted.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate))
    return near ? [{ name, score: edits }] : holds ? [{ name, score: 10 + edits }] : []
  })
  scored.sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
  const limit = Math.max(1, (scored[0]?.score ?? 0) + 1)
  return scored
    .filter(({ score }) => score <= limit)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Insertions, deletions, replacements, and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
