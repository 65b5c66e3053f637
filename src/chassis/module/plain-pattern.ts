// Regular expressions that come from a module are matched in the coordinator's own thread, so only such are taken as no
// text makes slow: from start to end, no groups, no alternatives, at most one open repetition.

const PIECE = /\\[dws.\-/\\+*?()[\]{}^$|]|\[\^?(?:[^\]\\^[]|\\[dws.\-/\\\]])+\]|[A-Za-z0-9_\-:@/,;=#%&~!"'<> ]/y
const REPETITION = /\?|\*|\+|\{(\d{1,4})(,(\d{1,4})?)?\}/y
const MOST_FLEXIBLE = 3

/** `^sk_[A-Za-z0-9]{20,}$`: whether it can be matched in time that grows with the text alone. */
export function isPlainPattern(pattern: string): boolean {
  if (pattern.length > 200 || !pattern.startsWith('^') || !pattern.endsWith('$')) return false
  const inner = pattern.slice(1, -1)
  let [at, open, flexible] = [0, 0, 0]
  while (at < inner.length) {
    PIECE.lastIndex = at
    if (!PIECE.test(inner)) return false
    at = PIECE.lastIndex
    REPETITION.lastIndex = at
    const repetition = REPETITION.exec(inner)
    if (!repetition) continue
    at = REPETITION.lastIndex
    const [text, , range, most] = repetition
    const isOpen = text === '*' || text === '+' || (range !== undefined && most === undefined)
    if (isOpen) open += 1
    if (isOpen || text === '?' || range !== undefined) flexible += 1
  }
  return open <= 1 && flexible <= MOST_FLEXIBLE
}
