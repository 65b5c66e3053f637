// "Did you mean": which known words a mistyped one is close to.

/** Known words at most a third of the length away, the nearest first, three at most. */
export function nearest(word: string, known: readonly string[]): string[] {
  const typed = word.toLowerCase()
  return known
    .map((candidate) => ({ candidate, away: distance(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 3)))
    .sort((a, b) => a.away - b.away || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** `Did you mean a or b?` for the nearest words; undefined where none is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const close = nearest(word, known)
  return close.length === 0 ? undefined : `Did you mean ${close.join(' or ')}?`
}

/** A hint that begins with the suggestion, where there is one. */
export const suggestion = (word: string, known: readonly string[], rest: string): string =>
  [didYouMean(word, known), rest].filter(Boolean).join(' ')

/** Levenshtein distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap))
    }
    row = next
  }
  return row[b.length] ?? 0
}
