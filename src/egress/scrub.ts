// Takes secrets out of what comes back. Works on whole bodies, and in a stream holds back what may be the beginning of a
// secret, so that none can hide across chunks; on bytes as well as on text, so that a picture survives and an echo in a
// binary answer does not.
import { isAscii, isUtf8 } from 'node:buffer'
import { FabricError, type Redactor } from '../foundation/index.ts'
import type { IncomingResponse } from './port.ts'

export interface Scrubber {
  /** Registers a value that leaves with a request, in the forms in which hosts echo. Cheap from the second time on. */
  register(value: string): void
  text(text: string): string
  /** Message and details without secrets: a host chooses where it points and why it hangs up. */
  error(error: FabricError): FabricError
  response(raw: { status: number; headers: Record<string, string>; body: Buffer }): IncomingResponse
  headers(headers: Record<string, string>): Record<string, string>
  /** Whether a text holds a secret. */
  leaks(text: string): boolean
  stream(): StreamScrubber
}

export interface StreamScrubber {
  /** What can be handed out with this chunk; may be empty. */
  push(chunk: Buffer): Buffer
  /** What was held back to the last. */
  end(): Buffer
}

export function createScrubber(redactor: Redactor): Scrubber {
  const registered = new Set<string>()
  return {
    register(value) {
      if (registered.has(value)) return
      registered.add(value)
      for (const form of echoForms(value)) redactor.add(form)
    },

    text: (text) => redactor.text(text),

    error(error) {
      if (!redactor.leaks(error.message) && !redactor.leaks(JSON.stringify(error.details))) return error
      return new FabricError(error.code, redactor.text(error.message), {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        details: redactor.value(error.details) as Record<string, unknown>,
        retryable: error.retryable,
      })
    },

    response({ status, headers, body }) {
      const raw = body.toString('latin1')
      const clean = redactor.text(raw)
      const bytes = clean === raw ? body : Buffer.from(clean, 'latin1')
      if (isAscii(bytes)) return { status, headers: scrubHeaders(headers, redactor), body: bytes, text: clean }
      const decoded = bytes.toString('utf8')
      const text = redactor.text(decoded)
      return {
        status,
        headers: scrubHeaders(headers, redactor),
        body: text === decoded ? bytes : Buffer.from(text),
        text,
      }
    },

    headers: (headers) => scrubHeaders(headers, redactor),

    leaks: (text) => redactor.leaks(text),

    stream() {
      let held = ''
      return {
        push(chunk) {
          const text = held + chunk.toString('latin1')
          const told = redactor.textSoFar(text)
          const isSame =
            held === '' && text.startsWith(told.clean) && told.clean.length + told.held.length === text.length
          held = told.held
          return isSame ? scrubUtf8(chunk.subarray(0, told.clean.length), redactor) : bytesOf(told.clean, redactor)
        },
        end() {
          const rest = redactor.text(held)
          held = ''
          return bytesOf(rest, redactor)
        },
      }
    },
  }
}

const bytesOf = (latin1: string, redactor: Redactor): Buffer => scrubUtf8(Buffer.from(latin1, 'latin1'), redactor)

/** Mixed spellings of a secret that is not ASCII are found in text only. */
function scrubUtf8(bytes: Buffer, redactor: Redactor): Buffer {
  if (isAscii(bytes) || !isUtf8(bytes)) return bytes
  const decoded = bytes.toString('utf8')
  const text = redactor.text(decoded)
  return text === decoded ? bytes : Buffer.from(text)
}

function scrubHeaders(headers: Record<string, string>, redactor: Redactor): Record<string, string> {
  // One pass over all of them tells in the usual case that there is nothing to do.
  let all = ''
  for (const name in headers) all += `${name}: ${headers[name]}\n`
  if (!redactor.leaks(all)) return headers
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [redactor.text(name), redactor.text(value)]))
}

/** Spellings that widely used encoders give and that the redactor does not derive from the value itself. */
function echoForms(value: string): Set<string> {
  // JSON inside JSON and a percent-encoded address inside another are common in error reports.
  const forms = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
  // PHP escapes slashes in JSON; Python's quote() leaves them; strict encoders escape !'()* too.
  forms.add(value.replaceAll('/', '\\/'))
  forms.add(encodeURIComponent(value).replaceAll('%2F', '/'))
  forms.add(encodeURIComponent(value).replace(/[!'()*]/g, percent))
  // .NET, Go and many templates write these as \u00XX inside JSON.
  forms.add(value.replace(/[+<>&'"]/g, unicodeEscape))
  if (!isAscii(Buffer.from(value))) {
    forms.add(Buffer.from(value).toString('latin1'))
    forms.add(value.replace(/[^\x20-\x7e]/g, unicodeEscape))
  }
  return forms
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
const unicodeEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
