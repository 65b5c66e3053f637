// XML bodies as text: elements by name in the order of the members, attributes as `@_name`, text beside them as `#text`, a
// list as the element repeated. What XML has no form for (a name with a space, a control character) is refused.
import { FabricError } from '../foundation/index.ts'
import { BodyHole, type BodyValue, ExactNumber } from './body-value.ts'
import { BodyWriter } from './body-writer.ts'
import type { EncodedBody } from './encoded-body.ts'

/** A document: one member, its root element. */
export type XmlValue = { readonly [name: string]: BodyValue }

/** The text of a document, in pieces where something is filled in later. */
export function encodeXml(value: XmlValue): Pick<EncodedBody, 'body' | 'pieces' | 'text'> {
  const writer = new BodyWriter('xml')
  writer.text('<?xml version="1.0" encoding="UTF-8"?>')
  for (const [name, content] of Object.entries(value)) writeElements(writer, name, content)
  return writer.end()
}

const ATTRIBUTE = '@_'
const TEXT = '#text'

function writeElements(writer: BodyWriter, name: string, content: BodyValue | undefined): void {
  if (content === undefined) return
  if (Array.isArray(content)) {
    for (const item of content) writeElements(writer, name, item)
    return
  }
  const tag = checkedName(name)
  const { attributes, inside } = isParent(content)
    ? sorted(content)
    : { attributes: [], inside: [[TEXT, content]] as const }
  writer.text(`<${tag}`)
  for (const [attribute, value] of attributes) writeAttribute(writer, attribute, value)
  if (inside.every(([at, value]) => at === TEXT && (value === null || value === ''))) {
    writer.text('/>')
    return
  }
  writer.text('>')
  for (const [at, value] of inside) {
    if (at === TEXT) writeText(writer, value)
    else writeElements(writer, at, value)
  }
  writer.text(`</${tag}>`)
}

/** What is undefined is left out. */
function sorted(members: XmlValue): Record<'attributes' | 'inside', (readonly [string, BodyValue])[]> {
  const all = Object.entries(members).filter(([, member]) => member !== undefined)
  return {
    attributes: all.filter(([name]) => name.startsWith(ATTRIBUTE)),
    inside: all.filter(([name]) => !name.startsWith(ATTRIBUTE)),
  }
}

function writeAttribute(writer: BodyWriter, name: string, value: BodyValue): void {
  writer.text(` ${checkedName(name.slice(ATTRIBUTE.length))}="`)
  writeText(writer, value)
  writer.text('"')
}

function writeText(writer: BodyWriter, value: BodyValue): void {
  if (value instanceof BodyHole) writer.hole(value)
  else if (value instanceof ExactNumber) writer.text(value.text)
  else if (value === null || typeof value !== 'object') writer.text(escaped(String(value ?? '')))
  else throw new FabricError('IF_ERR_INTERNAL', 'an XML attribute or text is one value, no list or object')
}

const isParent = (value: BodyValue): value is XmlValue =>
  value !== null && typeof value === 'object' && !(value instanceof BodyHole) && !(value instanceof ExactNumber)

// Line breaks and tabs as references: a reader would turn them into spaces in an attribute, and CR LF into LF in a text.
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** What is outside of the characters of XML 1.0, halves of surrogate pairs included. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

function escaped(text: string): string {
  if (FORBIDDEN.test(text)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} holds a character that XML cannot carry`, {
      hint: 'Leave out control characters.',
    })
  }
  return text.replace(/[&<>"\t\n\r]/g, (character) => REFERENCES[character] ?? character)
}

function checkedName(name: string): string {
  if (/^[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?$/.test(name)) return name
  throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(name)} cannot be the name of an XML element`)
}
