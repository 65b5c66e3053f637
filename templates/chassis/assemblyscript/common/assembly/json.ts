// JSON, as much as a module needs: what the host sends is right, so this reader looks for no faults in it.

export class Json {
  /** A text, or a number or word as it was written. */
  text: string = ''
  isText: bool = false
  list: Json[] = []
  members: Map<string, Json> = new Map<string, Json>()

  /** A member; an empty value where there is none. */
  get(name: string): Json {
    return this.members.has(name) ? this.members.get(name) : new Json()
  }

  has(name: string): bool {
    return this.members.has(name)
  }
}

let source: string = ''
let at: i32 = 0

export function parse(text: string): Json {
  source = text
  at = 0
  return value()
}

/** A text as JSON writes it. */
export function quote(text: string): string {
  let quoted = '"'
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) quoted += '\\"'
    else if (code === 0x5c) quoted += '\\\\'
    else if (code < 0x20) quoted += `\\u00${code < 0x10 ? '0' : '1'}${'0123456789abcdef'.charAt(code & 15)}`
    else quoted += text.charAt(i)
  }
  return `${quoted}"`
}

function value(): Json {
  const json = new Json()
  space()
  const code = source.charCodeAt(at)
  if (code === 0x22) {
    json.text = readText()
    json.isText = true
  } else if (code === 0x7b) {
    for (let more = opens(0x7d); more; more = goesOn()) {
      space()
      const name = readText()
      space()
      at++ // the colon
      json.members.set(name, value())
    }
  } else if (code === 0x5b) {
    for (let more = opens(0x5d); more; more = goesOn()) json.list.push(value())
  } else {
    const start = at
    while (at < source.length && isWord(source.charCodeAt(at))) at++
    json.text = source.substring(start, at)
  }
  return json
}

/** Steps into a list or object; whether it holds anything. */
function opens(end: i32): bool {
  at++
  space()
  if (source.charCodeAt(at) !== end) return true
  at++
  return false
}

/** Steps over a comma or the end; whether there is more. */
function goesOn(): bool {
  space()
  return source.charCodeAt(at++) === 0x2c
}

function readText(): string {
  let text = ''
  let start = ++at
  while (source.charCodeAt(at) !== 0x22) {
    if (source.charCodeAt(at) !== 0x5c) {
      at++
      continue
    }
    text += source.substring(start, at) + escaped()
    start = at
  }
  return text + source.substring(start, at++)
}

function escaped(): string {
  const code = source.charCodeAt(at + 1)
  at += 2
  if (code === 0x6e) return '\n'
  if (code === 0x74) return '\t'
  if (code === 0x72) return '\r'
  if (code === 0x62) return '\b'
  if (code === 0x66) return '\f'
  if (code !== 0x75) return String.fromCharCode(code)
  at += 4
  return String.fromCharCode(I32.parseInt(source.substring(at - 4, at), 16))
}

function space(): void {
  while (at < source.length && source.charCodeAt(at) <= 0x20) at++
}

/** Numbers, true, false, null. */
function isWord(code: i32): bool {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x2b ||
    code === 0x2e ||
    code === 0x45
  )
}
