// Where data came from, and whether an action only answers there. An origin is one address at one instance that holds all
// of the data already: the channel it was read in, the one person who wrote all of it. Told is only its digest.
// An answer is recognised narrowly: a standard operation of known fields, to such an origin, without a web address in its
// words, since chats fetch what is linked and so carry the words to whoever owns the link.
import { digestOf, type JsonObject, type JsonValue } from '../foundation/index.ts'

export interface Exchange {
  instance: string
  operation: string
  input: JsonObject
  /** What came back, where it has come. */
  result?: JsonObject
}

/** The addresses that hold all of what this exchange brought, as digests; empty where none is known. */
export function originsOf({ instance, operation, input, result = {} }: Exchange): string[] {
  const addresses = [input.to, input.channel]
  // What a vendor's own operation returns has no known form: a stranger's words could name an address there.
  if (isStandard(operation)) addresses.push(result.to, result.from, soleSender(result.messages))
  return [...new Set(addresses.filter(isAddress).map((address) => originAt(instance, address)))].sort()
}

/** Whether the action says its words to one of these origins and to nobody else. */
export function isAnswer({ instance, operation, input }: Exchange, origins: readonly string[]): boolean {
  if (!isStandard(operation) || !isAddress(input.to)) return false
  if (!origins.includes(originAt(instance, input.to))) return false
  return Object.entries(input).every(([field, value]) => {
    if (value === undefined || !ANSWER_FIELDS.has(field)) return value === undefined
    return field === 'to' || field === 'from' || (typeof value === 'string' && !WEB_ADDRESS.test(value))
  })
}

/** All that an answer may be made of; what else an input holds may lead elsewhere. */
const ANSWER_FIELDS: ReadonlySet<string> = new Set(['to', 'from', 'text', 'say', 'id', 'emoji', 'replyTo'])

/** A scheme, or a dotted name as chats make links of: `example.com`. */
const WEB_ADDRESS = /:\/\/|[\p{L}\p{N}_-]\.\p{L}{2,}/u

const isStandard = (operation: string): boolean => !operation.includes(':')

const isAddress = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== ''

const originAt = (instance: string, address: string): string => digestOf({ instance, address })

/** Who wrote every one of the messages; undefined where there are several, or one is not known. */
function soleSender(messages: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(messages)) return undefined
  const senders = messages.map((message) =>
    message !== null && typeof message === 'object' && !Array.isArray(message) ? message.from : undefined,
  )
  return senders.every((sender) => sender === senders[0]) ? senders[0] : undefined
}
