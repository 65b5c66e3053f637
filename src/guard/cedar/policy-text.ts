// One policy file cut into its policies, each with the line that it begins at, so that every fault can name its line.
// A policy ends with a semicolon, and nothing but strings and comments may hold another.

export interface PolicyText {
  text: string
  /** Line of its first word or annotation, 1-based. */
  line: number
  /** How deep its brackets are nested. */
  depth: number
}

/** The policies of a file in order; what stands behind the last semicolon is one too, if it is more than a comment. */
export function splitPolicies(source: string): PolicyText[] {
  const policies: PolicyText[] = []
  let start: number | undefined
  let depth = 0
  let deepest = 0
  const cut = (end: number): void => {
    if (start === undefined) return
    const text = source.slice(start, end)
    policies.push({ text, line: lineOf(source, start), depth: deepest })
    start = undefined
    depth = 0
    deepest = 0
  }
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at)
    if (source.startsWith('//', at)) {
      at = endOfLine(source, at) - 1
      continue
    }
    if (/\s/.test(char)) continue
    start ??= at
    if (char === '"') at = endOfString(source, at)
    else if ('([{'.includes(char)) {
      depth += 1
      deepest = Math.max(deepest, depth)
    } else if (')]}'.includes(char)) depth -= 1
    else if (char === ';') cut(at + 1)
  }
  cut(source.length)
  return policies
}

/** The line of a policy's file that a place of the engine is in; it counts UTF-8 bytes of the policy's text. */
export function lineAt({ text, line }: Pick<PolicyText, 'text' | 'line'>, byteOffset: number): number {
  const before = Buffer.from(text).subarray(0, byteOffset)
  return line + before.filter((byte) => byte === 0x0a).length
}

const lineOf = (source: string, at: number): number => source.slice(0, at).split('\n').length

const endOfLine = (source: string, at: number): number => {
  const end = source.indexOf('\n', at)
  return end === -1 ? source.length : end
}

/** Of the closing quote, or the last character where none closes it. */
function endOfString(source: string, at: number): number {
  for (let end = at + 1; end < source.length; end += 1) {
    const char = source.charAt(end)
    if (char === '\\') end += 1
    else if (char === '"') return end
  }
  return source.length
}
