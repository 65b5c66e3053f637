// One file of a vendor as described operations, by its format. What describes no API (events, price lists, test vectors)
// is passed over. A file is read once in a process as long as it does not change.
import { readFile, stat } from 'node:fs/promises'
import { parse } from 'yaml'
import type { JsonObject } from '../../foundation/index.ts'
import { readAwsModel } from './aws-model.ts'
import { readGoogleDiscovery } from './google-discovery.ts'
import { readObsWebsocket } from './obs-websocket.ts'
import { readOpenApi3 } from './openapi3.ts'
import type { DescribedOperation } from './operation.ts'
import { isObject } from './pointer.ts'
import { readSwagger2 } from './swagger2.ts'
import { readTelegramMethods } from './telegram-methods.ts'

export interface ReadDescription {
  name: string
  operations: readonly DescribedOperation[]
}

const known = new Map<string, { changed: number; read: Promise<ReadDescription | undefined> }>()

/** The operations of a file; undefined where it describes none. */
export async function readDescription(path: string, name: string): Promise<ReadDescription | undefined> {
  const { mtimeMs } = await stat(path)
  const earlier = known.get(path)
  if (earlier?.changed === mtimeMs) return earlier.read
  const read = readAfresh(path, name)
  known.set(path, { changed: mtimeMs, read })
  return read
}

async function readAfresh(path: string, name: string): Promise<ReadDescription | undefined> {
  const text = await readFile(path, 'utf8')
  const document: unknown = name.endsWith('.json') ? JSON.parse(text) : parse(text, { maxAliasCount: -1 })
  const operations = isObject(document) ? readOperations(document) : undefined
  return operations && { name, operations }
}

function readOperations(document: JsonObject): DescribedOperation[] | undefined {
  if (document.swagger === '2.0') return readSwagger2(document)
  if (String(document.openapi).startsWith('3.')) return readOpenApi3(document)
  if (isObject(document.metadata) && isObject(document.shapes)) return readAwsModel(document)
  if (document.discoveryVersion !== undefined) return readGoogleDiscovery(document)
  if (isObject(document.methods) && isObject(document.types)) return readTelegramMethods(document)
  if (Array.isArray(document.requests) && Array.isArray(document.enums)) return readObsWebsocket(document)
  return undefined
}
