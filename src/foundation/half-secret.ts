// Finds where a text ends in what could be the beginning of a secret, so that a stream can hold that back until it is
// decided. Knows the same spellings as the redactor's pattern (redaction.ts), matched from the start instead of whole.

/** Most UTF-16 units of a spelling of one (three bytes as `%2525e2`). */
const SPELLING_MAX = 21

export class HalfSecrets {
  /** Fixed texts by their first character, in lower case. */
  readonly #forms = new Map<string, string[]>()
  readonly #root: Node = { spelling: undefined, next: new Map(), byBegin: new Map() }
  #window = 0

  /** `forms` are searched for as they stand, `values` with any character written as an escape; case is ignored. */
  constructor(forms: Iterable<string>, values: Iterable<string>) {
    for (const form of forms) {
      const lower = form.toLowerCase()
      const first = lower.charAt(0)
      this.#forms.set(first, [...(this.#forms.get(first) ?? []), lower])
      this.#window = Math.max(this.#window, form.length)
    }
    for (const value of values) {
      let node = this.#root
      for (const character of value) node = child(node, character)
      this.#window = Math.max(this.#window, value.length * SPELLING_MAX)
    }
  }

  /** The first place from `from` on where a secret may begin that the text does not hold whole; else its length. */
  start(text: string, from: number): number {
    for (let at = Math.max(from, text.length - this.#window); at < text.length; at++) {
      if (this.#isForm(text, at) || reachesEnd(this.#root, text, at)) return at
    }
    return text.length
  }

  #isForm(text: string, at: number): boolean {
    const forms = this.#forms.get(text.charAt(at).toLowerCase())
    if (!forms) return false
    const tail = text.slice(at).toLowerCase()
    return forms.some((form) => form.length > tail.length && form.startsWith(tail))
  }
}

/** Secrets share nodes as far as they are alike. */
interface Node {
  spelling: Spelling | undefined
  next: Map<string, Node>
  /** Of `next`, by each character that a spelling begins with. */
  byBegin: Map<string, Node[]>
}

function child({ next, byBegin }: Node, character: string): Node {
  const key = character.toLowerCase()
  const known = next.get(key)
  if (known) return known
  const spelling = spellingOf(character)
  const made: Node = { spelling, next: new Map(), byBegin: new Map() }
  next.set(key, made)
  for (const begin of spelling.begins) byBegin.set(begin, [...(byBegin.get(begin) ?? []), made])
  return made
}

/** Whether the text ends inside a spelling of what leads on from this node. */
function reachesEnd({ byBegin }: Node, text: string, at: number): boolean {
  const nodes = byBegin.get(text.charAt(at).toLowerCase())
  if (!nodes) return false
  for (const node of nodes) {
    const { spelling } = node
    if (!spelling) continue
    if (spelling.isHalf(text, at)) return true
    for (const end of spelling.ends(text, at)) {
      if (end === text.length ? node.next.size > 0 : reachesEnd(node, text, end)) return true
    }
  }
  return false
}

interface Spelling {
  /** Lower-case characters that any of its forms begins with. */
  begins: ReadonlySet<string>
  /** Whether the text ends within one of its forms. */
  isHalf(text: string, at: number): boolean
  /** Where the forms end that stand here whole. */
  ends(text: string, at: number): number[]
}

// Secrets are made of few characters, and patterns are dear to make.
const SPELLINGS_MAX = 512
const spellings = new Map<string, Spelling>()

function spellingOf(character: string): Spelling {
  const known = spellings.get(character)
  if (known) return known
  const made = makeSpelling(character)
  if (spellings.size >= SPELLINGS_MAX) spellings.clear()
  spellings.set(character, made)
  return made
}

function makeSpelling(character: string): Spelling {
  const forms = formsOf(character).map((atoms) => ({
    whole: new RegExp(atoms.join(''), 'iy'),
    half: new RegExp(`${atoms.slice(0, -1).reduceRight((after, atom) => `${atom}(?:$|${after})`, '(?!)')}`, 'iy'),
  }))
  const literal = character.charAt(0).toLowerCase()
  return {
    begins: new Set([literal, '\\', '%', '&']),
    isHalf: (text, at) => text.length - at < 64 && forms.some(({ half }) => stickyEnd(half, text, at) !== undefined),
    ends: (text, at) => forms.flatMap(({ whole }) => stickyEnd(whole, text, at) ?? []),
  }
}

function stickyEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** Each form of a character as patterns of its characters, in order. Where one text could be read in two ways, as two forms. */
function formsOf(character: string): string[][] {
  const literal = [...Array(character.length).keys()].map((at) => escapeRegExp(character.charAt(at)))
  const behindBackslashes = BACKSLASH_COUNTS.map((count) => [...Array<string>(count).fill('\\\\'), ...literal])
  const unicode = [...Array(character.length).keys()].flatMap((at) => [
    '\\\\+',
    'u',
    ...digits(character.charCodeAt(at), 4),
  ])
  const point = character.codePointAt(0) ?? 0
  return [
    ...(character === '\\' ? BACKSLASH_COUNTS.slice(0, -1).map((count) => Array<string>(count + 1).fill('\\\\')) : []),
    ...(/["'/]/.test(character) ? behindBackslashes : [literal]),
    ...['', '25', '2525'].map((again) =>
      [...Buffer.from(character)].flatMap((byte) => ['%', ...again, ...digits(byte, 2)]),
    ),
    unicode,
    ['&', '#', 'x', '0*', ...point.toString(16), ';'],
    ['&', '#', '0*', ...String(point), ';'],
  ]
}

const BACKSLASH_COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8]

const digits = (value: number, count: number): string[] => [...value.toString(16).padStart(count, '0')]

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
