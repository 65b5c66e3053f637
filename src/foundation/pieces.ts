// Texts with a wildcard, which stands for any run of characters: `refund.*`, `*urgent*`.

/**
 * Whether a text is made of these pieces in this order, with anything between two of them; one piece alone is the text.
 * Each piece takes the first place it finds, so that no pattern is slow.
 */
export function isMadeOf(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return text === first
  const end = text.length - last.length
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= end
}
