// Keeps secrets out of everything that people and programs read. Two nets: by VALUE (every secret this process has
// opened, in each form an echo could give it) and by NAME (fields that are called like a secret). One redactor a
// process: logs, errors, traces, stored answers and command output all go through it.
import { inspect } from 'node:util'
import { HalfSecrets } from './half-secret.ts'
import { SecretIndex } from './secret-index.ts'

export const REDACTED = '<redacted>'

/** A secret value that does not print. Only the egress door and the vault call `reveal`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}

const SECRET_NAME =
  /(^|[_\-.])(authorization|cookie|password|passwd|secret|token|api[-_]?key|private[-_]?key|credential)s?$/i
const CAMEL_SECRET_NAME = /(Password|Secret|Token|ApiKey|PrivateKey|Credential)s?$/

/** Whether a field of this name holds a secret by convention (`Authorization`, `access_token`, `clientSecret`). */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) || CAMEL_SECRET_NAME.test(name)

/** Shorter values are not searched for: they would occur by chance everywhere. */
const SHORTEST = 6

/** Up to so many secrets one expression for all is quicker than looking who could be there. */
const FEW = 3

export class Redactor {
  /** Fixed forms and source of a pattern, by secret. */
  readonly #known = new Map<string, { forms: readonly string[]; spelling: string }>()
  #index: SecretIndex | undefined
  #all: readonly RegExp[] | undefined
  /** Patterns of secrets that turned up together, the last few. */
  readonly #some = new Map<string, readonly RegExp[]>()
  #halves: HalfSecrets | undefined

  /** Registers a secret; from now on each of its forms is removed. */
  add(value: string): void {
    if (value.length < SHORTEST || this.#known.has(value)) return
    this.#known.set(value, { forms: encodedForms(value), spelling: anySpelling(value) })
    this.#changed()
  }

  /** Forgets a secret that counts no more, as an access token long after its end; else a process that runs for months drowns. */
  forget(value: string): void {
    if (this.#known.delete(value)) this.#changed()
  }

  #changed(): void {
    this.#index = undefined
    this.#all = undefined
    this.#halves = undefined
    this.#some.clear()
  }

  /** Whether the text holds a registered secret in any form. */
  leaks(text: string): boolean {
    return this.text(text) !== text
  }

  /** The text with every registered secret replaced. */
  text(text: string): string {
    return this.#patternsFor(text).reduce((clean, pattern) => clean.replace(pattern, REDACTED), text)
  }

  /**
   * The same for a text that goes on: `clean` is what can be told already, `held` the end that may be the beginning of a
   * secret and belongs in front of what comes. Piece by piece it gives what `text` gives for the whole.
   */
  textSoFar(text: string): { clean: string; held: string } {
    if (this.#known.size === 0) return { clean: text, held: '' }
    this.#halves ??= new HalfSecrets(
      [...this.#known.values()].flatMap(({ forms }) => forms),
      this.#known.keys(),
    )
    const found = this.#patternsFor(text)
      .flatMap((pattern) => [...text.matchAll(pattern)])
      .map(({ index, 0: whole }) => [index, index + whole.length])
      .sort(([a = 0], [b = 0]) => a - b)
    let cut = this.#halves.start(text, 0)
    for (const [start = 0, end = 0] of found) {
      // What begins inside a secret that is there whole belongs to it.
      if (start < cut && cut < end) cut = this.#halves.start(text, end)
    }
    return { clean: found.length === 0 ? text.slice(0, cut) : this.text(text.slice(0, cut)), held: text.slice(cut) }
  }

  /** Patterns of every secret that may be in the text, the longest forms first. */
  #patternsFor(text: string): readonly RegExp[] {
    if (this.#known.size === 0) return []
    if (this.#known.size <= FEW) {
      this.#all ??= this.#patternsOf(this.#known.keys())
      return this.#all
    }
    this.#index ??= this.#makeIndex()
    const candidates = this.#index.candidates(text)
    if (candidates.size === 0) return []
    const key = [...candidates].join('\n')
    const known = this.#some.get(key)
    if (known) return known
    const made = this.#patternsOf(candidates)
    if (this.#some.size >= SOME_MAX) this.#some.clear()
    this.#some.set(key, made)
    return made
  }

  #makeIndex(): SecretIndex {
    const index = new SecretIndex()
    for (const [value, { forms }] of this.#known) index.add(value, forms)
    return index
  }

  #patternsOf(values: Iterable<string>): RegExp[] {
    const known = [...values].flatMap((value) => ({
      value,
      ...(this.#known.get(value) ?? { forms: [], spelling: '' }),
    }))
    const forms = [...new Set(known.flatMap(({ forms: own }) => own))]
    return compiled([
      ...forms.sort((a, b) => b.length - a.length).map(escapeRegExp),
      ...known.sort((a, b) => b.value.length - a.value.length).map(({ spelling }) => spelling),
    ])
  }

  /** A deep copy of a JSON-like value without secrets, by value and by name. */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (value instanceof Secret) return REDACTED
    if (Array.isArray(value)) return value.map((item) => this.value(item))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        this.text(name),
        isSecretName(name) && typeof member === 'string' && !isPlaceholder(member) ? REDACTED : this.value(member),
      ]),
    )
  }
}

const SOME_MAX = 64

/** Above this an expression is slow to make, and at some length no engine takes it. */
const EXPRESSION_MAX = 64 * 1024

/** In as few expressions as can be, the first of the list in front. */
function compiled(sources: readonly string[]): RegExp[] {
  const groups: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const source of sources) {
    if (size + source.length > EXPRESSION_MAX) {
      groups.push([])
      size = 0
    }
    groups.at(-1)?.push(source)
    size += source.length
  }
  return groups.map((group) => new RegExp(group.join('|'), 'gi'))
}

/** `<STRIPE_SECRET_KEY>` and `Bearer <SLACK_BOT_TOKEN>` are how plans show a secret; nothing is hidden in them. */
const isPlaceholder = (text: string): boolean => /^([A-Za-z]+ )?<[A-Z0-9_]+>$/.test(text)

/** Every text in which a secret could come back: raw, JSON-escaped, percent-encoded, base64 at each alignment, hex. */
function encodedForms(value: string): string[] {
  if (value.length < SHORTEST) return []
  const bytes = Buffer.from(value, 'utf8')
  const aligned = [0, 1, 2].flatMap((offset) => {
    // The characters of base64(prefix + secret + suffix) that depend on the secret alone.
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const start = offset === 0 ? 0 : offset + 1
    const end = (offset + bytes.length) % 3 === 0 ? text.length : text.length - 1
    const stable = text.slice(start, end)
    return [stable, stable.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(stable)]
  })
  const percent = encodeURIComponent(value)
  const forms = [
    value,
    JSON.stringify(value).slice(1, -1),
    percent,
    percent.replaceAll('%20', '+'),
    bytes.toString('hex'),
    ...aligned,
  ]
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST)
}

/**
 * A pattern for the value with any of its characters written as an escape: percent-encoded (once or twice), `\u00XX`, an
 * HTML entity, or behind the backslashes of JSON inside JSON. Repetitions are bounded, so that no text makes it slow. Of a
 * long one (a signed token) the characters that no encoder touches stand for themselves: a pattern of all spellings would be
 * a hundred times as long as the token.
 */
function anySpelling(value: string): string {
  const isLong = value.length > LONG
  return [...value]
    .map((character) => {
      if (isLong && /[A-Za-z0-9_.~-]/.test(character)) return escapeRegExp(character)
      const point = character.codePointAt(0) ?? 0
      const percent = [...Buffer.from(character)].map((byte) => `%(?:25){0,2}${hex(byte, 2)}`).join('')
      const unicode = [...Array(character.length).keys()]
        .map((at) => `\\\\{1,8}u${hex(character.charCodeAt(at), 4)}`)
        .join('')
      const entity = `&#(?:x0{0,4}${hex(point, 1)}|0{0,4}${point});`
      const escaped = /["'/]/.test(character) ? `\\\\{0,8}${character}` : escapeRegExp(character)
      return `(?:${character === '\\' ? '\\\\{1,8}' : escaped}|${percent}|${unicode}|${entity})`
    })
    .join('')
}

/** Longer values are tokens, not keys that a person copies. */
const LONG = 256

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
