// XML of requests, read on its own: elements by name, attributes as `@_name`, every value as text. Document types are
// refused, as they can name files and other entities.
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { JsonObject } from '../foundation/index.ts'
import { Refusal } from './refusal.ts'

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  htmlEntities: false,
})

/** The document as an object with one member, its root element. */
export function decodeXml(text: string): JsonObject {
  if (/<!DOCTYPE/i.test(text)) throw new Refusal('invalid', 'the body is XML with a document type')
  const valid = XMLValidator.validate(text)
  if (valid !== true) {
    throw new Refusal('invalid', `the body is not XML: ${valid.err.msg} (line ${valid.err.line})`)
  }
  const { '?xml': _declaration, ...document } = parser.parse(text) as JsonObject // an element is never anything else
  return document
}
