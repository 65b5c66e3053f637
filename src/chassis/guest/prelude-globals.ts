// Globals of the web that bundled npm packages count on and QuickJS lacks, as JavaScript text for the prelude: text coding in
// UTF-8, base64, chance as bytes, microtasks. No clock beside `Date`, no timers, no network, no URL.

export const PRELUDE_GLOBALS = String.raw`
const { charCodeAt, codePointAt } = String.prototype
const { fromCharCode, fromCodePoint } = String
const GuestRangeError = RangeError
const GuestBytes = Uint8Array

class TextEncoder {
  get encoding() {
    return 'utf-8'
  }
  encode(value = '') {
    const given = toText(value)
    const bytes = []
    for (let at = 0; at < given.length; at++) {
      let code = apply(codePointAt, given, [at])
      if (code > 0xffff) at++
      else if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd
      if (code < 0x80) bytes[bytes.length] = code
      else if (code < 0x800) (bytes[bytes.length] = 0xc0 | (code >> 6)), (bytes[bytes.length] = 0x80 | (code & 63))
      else {
        if (code < 0x10000) bytes[bytes.length] = 0xe0 | (code >> 12)
        else (bytes[bytes.length] = 0xf0 | (code >> 18)), (bytes[bytes.length] = 0x80 | ((code >> 12) & 63))
        bytes[bytes.length] = 0x80 | ((code >> 6) & 63)
        bytes[bytes.length] = 0x80 | (code & 63)
      }
    }
    return new GuestBytes(bytes)
  }
}

class TextDecoder {
  #fatal
  #keepsMark
  constructor(label = 'utf-8', options = {}) {
    if (!/^(utf-?8|unicode-1-1-utf-8)$/i.test(toText(label).trim())) throw new GuestRangeError('only utf-8 can be decoded')
    this.#fatal = Boolean(options.fatal)
    this.#keepsMark = Boolean(options.ignoreBOM)
  }
  get encoding() {
    return 'utf-8'
  }
  get fatal() {
    return this.#fatal
  }
  decode(input = new GuestBytes(0)) {
    const bytes = input instanceof ArrayBuffer ? new GuestBytes(input) : new GuestBytes(input.buffer, input.byteOffset, input.byteLength)
    let decoded = ''
    let at = this.#keepsMark || bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf ? 0 : 3
    while (at < bytes.length) {
      const first = bytes[at++]
      if (first < 0x80) {
        decoded += fromCharCode(first)
        continue
      }
      const more = first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0
      let code = more === 0 ? -1 : first & (0x3f >> more)
      for (let i = 0; i < more && code >= 0; i++) {
        const next = bytes[at]
        const low = i > 0 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
        const high = i > 0 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
        if (at < bytes.length && next >= low && next <= high) (code = (code << 6) | (next & 63)), at++
        else code = -1
      }
      if (code < 0 && this.#fatal) throw new GuestTypeError('the bytes are no utf-8')
      decoded += code < 0 ? '\ufffd' : fromCodePoint(code)
    }
    return decoded
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = { __proto__: null }
for (let i = 0; i < 64; i++) VALUES[LETTERS[i]] = i

const btoa = (value) => {
  const given = toText(value)
  let coded = ''
  for (let at = 0; at < given.length; at += 3) {
    let bits = 0
    for (let i = 0; i < 3; i++) {
      const code = at + i < given.length ? apply(charCodeAt, given, [at + i]) : 0
      if (code > 255) throw new GuestRangeError('btoa takes characters up to U+00FF only')
      bits = (bits << 8) | code
    }
    const letters = given.length - at + 1
    for (let i = 0; i < 4; i++) coded += i < letters ? LETTERS[(bits >> (18 - 6 * i)) & 63] : '='
  }
  return coded
}

const atob = (value) => {
  let given = toText(value).replace(/[\t\n\f\r ]/g, '')
  if (given.length % 4 === 0) given = given.replace(/={1,2}$/, '')
  if (given.length % 4 === 1) throw new GuestRangeError('atob takes base64 only')
  let decoded = ''
  let bits = 0
  let held = 0
  for (let at = 0; at < given.length; at++) {
    const six = VALUES[given[at]]
    if (six === undefined) throw new GuestRangeError('atob takes base64 only')
    bits = ((bits << 6) | six) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      decoded += fromCharCode((bits >> held) & 255)
    }
  }
  return decoded
}

const getRandomValues = (array) => {
  const bytes = new GuestBytes(array.buffer, array.byteOffset, array.byteLength)
  if (bytes.length > 65536) throw new GuestRangeError('getRandomValues fills at most 65536 bytes')
  for (let at = 0; at < bytes.length; at++) bytes[at] = chance() * 256
  return array
}
const HEX = '0123456789abcdef'
const randomUUID = () => {
  let id = ''
  for (let i = 0; i < 32; i++) {
    const four = i === 12 ? 4 : (chance() * 16) & (i === 16 ? 3 : 15)
    id += (i === 8 || i === 12 || i === 16 || i === 20 ? '-' : '') + HEX[i === 16 ? four | 8 : four]
  }
  return id
}

const microtask = async (work) => {
  await undefined
  work()
}
const queueMicrotask = (work) => {
  if (typeof work !== 'function') throw new GuestTypeError('queueMicrotask takes a function')
  microtask(work)
}

const added = { TextEncoder, TextDecoder, atob, btoa, queueMicrotask, crypto: { getRandomValues, randomUUID } }
for (const name of ['TextEncoder', 'TextDecoder', 'atob', 'btoa', 'queueMicrotask', 'crypto']) install(name, added[name])
`
