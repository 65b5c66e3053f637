// JSON bodies as text, with places that are filled later and numbers that are written digit by digit. Plain values take
// the platform's own way.
import { BodyHole, type BodyValue, ExactNumber } from './body-value.ts'
import { BodyWriter } from './body-writer.ts'
import type { EncodedBody } from './encoded-body.ts'

/** The text of a JSON body, in pieces where something is filled in later. */
export function encodeJson(value: BodyValue): Pick<EncodedBody, 'body' | 'pieces' | 'text'> {
  if (!hasLeaf(value)) {
    const text = JSON.stringify(value)
    return { body: text, text }
  }
  const writer = new BodyWriter('json')
  write(writer, value)
  return writer.end()
}

/** Whether a value holds what JSON.stringify would not write right. */
function hasLeaf(value: BodyValue): boolean {
  if (value === null || typeof value !== 'object') return false
  if (value instanceof BodyHole || value instanceof ExactNumber) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) if (hasLeaf(member)) return true
  return false
}

function write(writer: BodyWriter, value: BodyValue): void {
  if (value instanceof BodyHole) writeHole(writer, value)
  else if (value instanceof ExactNumber) writer.text(value.text)
  else if (Array.isArray(value)) writeList(writer, value)
  else if (value === null || typeof value !== 'object') writer.text(JSON.stringify(value))
  else writeObject(writer, value as { readonly [name: string]: BodyValue })
}

function writeHole(writer: BodyWriter, hole: BodyHole): void {
  writer.text('"')
  writer.hole(hole)
  writer.text('"')
}

function writeList(writer: BodyWriter, items: readonly BodyValue[]): void {
  writer.text('[')
  for (const [at, item] of items.entries()) {
    if (at > 0) writer.text(',')
    write(writer, item)
  }
  writer.text(']')
}

function writeObject(writer: BodyWriter, members: { readonly [name: string]: BodyValue }): void {
  writer.text('{')
  for (const [at, [name, member]] of Object.entries(members).entries()) {
    writer.text(`${at > 0 ? ',' : ''}${JSON.stringify(name)}:`)
    write(writer, member)
  }
  writer.text('}')
}
