// Tells in one pass over a text which of many secrets could be in it, so that their expensive patterns are asked only then.
// Never misses one: each form of a secret has a piece of a few characters that must stand in the text as it is, or in the
// text with its escapes undone; what has no such piece is always asked for. It may name a secret that is not there.

/** Characters of a piece. No secret that is searched for is shorter. */
const PIECE = 6
const SHIFT = 3
/** The bits of `PIECE` shifts: an older character has left the key, so the key of a window is that of its characters. */
const MASK = (1 << (PIECE * SHIFT)) - 1

/** An escape that begins before a secret can swallow so many of its first characters. */
const SWALLOWED = 8

export class SecretIndex {
  readonly #table = new Uint8Array(MASK + 1)
  readonly #owners = new Map<string, Set<string>>()
  readonly #always = new Set<string>()

  /** `forms` of a secret are searched for as they stand, the value itself with any character written as an escape. */
  add(value: string, forms: Iterable<string>): void {
    for (const form of forms) this.#enter(pieceOf(form.toLowerCase(), 0), value)
    // In front of the piece, something that looks like an escape could begin outside and end inside of it.
    const plain = /[%\\&#;]/.test(value) ? undefined : pieceOf(value.toLowerCase(), SWALLOWED)
    this.#enter(plain, value)
  }

  /** Every secret that may be in the text. */
  candidates(text: string): ReadonlySet<string> {
    const found = new Set(this.#always)
    const lower = text.toLowerCase()
    this.#scan(lower, found)
    if (/[%\\]|&#/.test(text)) this.#scan(withoutEscapes(lower), found)
    return found
  }

  #enter(piece: string | undefined, value: string): void {
    if (piece === undefined) {
      this.#always.add(value)
      return
    }
    const owners = this.#owners.get(piece) ?? new Set()
    this.#owners.set(piece, owners.add(value))
    let key = 0
    for (let at = 0; at < PIECE; at++) key = next(key, piece.charCodeAt(at))
    this.#table[key] = 1
  }

  #scan(text: string, found: Set<string>): void {
    let key = 0
    for (let at = 0; at < text.length; at++) {
      key = next(key, text.charCodeAt(at))
      if (this.#table[key] !== 1) continue
      const owners = this.#owners.get(text.slice(at + 1 - PIECE, at + 1))
      if (owners) for (const owner of owners) found.add(owner)
    }
  }
}

const next = (key: number, code: number): number => ((key << SHIFT) ^ code) & MASK

/** The piece that is least likely to occur by chance: the one of the most different characters. ASCII, as case changes others. */
function pieceOf(text: string, from: number): string | undefined {
  let best: { piece: string; different: number } | undefined
  for (let at = from; at + PIECE <= text.length; at++) {
    const piece = text.slice(at, at + PIECE)
    if (!/^[\x20-\x7e]+$/.test(piece)) continue
    const different = new Set(piece).size
    if (!best || different > best.different) best = { piece, different }
    if (different === PIECE) break
  }
  return best?.piece
}

/** Each escape that the redactor's patterns know, as the character that it stands for. */
const withoutEscapes = (text: string): string =>
  text.replace(
    /%(?:25){0,2}([0-9a-f]{2})|\\{1,8}u([0-9a-f]{4})|&#(?:x0{0,4}([0-9a-f]{1,6})|0{0,4}([0-9]{1,7}));|\\{1,8}(?=["'/])/g,
    (_escape, percent?: string, unicode?: string, hex?: string, decimal?: string) => {
      const digits = percent ?? unicode ?? hex
      const code = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16)
      if (digits === undefined && decimal === undefined) return ''
      return code <= 0xffff ? String.fromCharCode(code).toLowerCase() : '?'
    },
  )
