// Example Mail: an adapter for a mail provider at https://api.example.com. Put your provider's address, credential and
// operations in the place of these.
import { answer, question } from './guest'
import * as json from './json'

export { alloc } from './guest'

// Asked once, when the module is built: facts, from which its manifest is made and signed.
const DESCRIPTION = `{
  "kind": "adapter",
  "id": "example-mail",
  "name": "Example Mail",
  "version": "1.0.0",
  "category": "chat",
  "docs": "https://example.com/docs",
  "baseUrls": { "main": "https://api.example.com" },
  "secrets": { "EXAMPLE_MAIL_TOKEN": { "label": "API token", "get": "https://example.com/account/tokens" } },
  "auth": { "scheme": "bearer", "secret": "EXAMPLE_MAIL_TOKEN" },
  "health": { "operation": "message.list", "input": { "to": "inbox", "limit": 1 } },
  "operations": {
    "message.send": {
      "summary": "Send a mail.",
      "effect": "send",
      "undo": { "none": "A mail that was sent cannot be called back." },
      "examples": [{
        "input": { "to": "ada@example.com", "text": "hello" },
        "response": { "id": "m1", "recipient": "ada@example.com", "sent_at": "2026-01-01T00:00:00Z" }
      }]
    },
    "message.list": {
      "summary": "Read the latest mails of a folder.",
      "effect": "read",
      "examples": [{
        "input": { "to": "inbox", "limit": 2 },
        "response": {
          "messages": [{ "id": "m2", "body": "hi", "sender": "bob@example.com", "sent_at": "2026-01-01T00:00:00Z" }]
        }
      }]
    }
  }
}`

export function describe(pointer: usize, length: i32): u64 {
  question(pointer, length)
  return answer(DESCRIPTION)
}

/** The request of an operation, without its credential. */
export function plan(pointer: usize, length: i32): u64 {
  const asked = question(pointer, length)
  if (asked.has('undo')) return answer('{"undo":null}')
  const input = asked.get('input')
  const to = json.quote(input.get('to').text)
  if (asked.get('operation').text === 'message.send') {
    const body = `{"to":${to},"body":${json.quote(input.get('text').text)}}`
    const cost = '{"estimateUsd":"0.0004","maxUsd":"0.0004","basis":"USD 0.40 per 1,000 mails, prices of 2026-01-01"}'
    return answer(`{"request":{"method":"POST","path":"/v1/messages","json":${body}},"cost":${cost}}`)
  }
  const limit = input.has('limit') ? input.get('limit').text : '100'
  return answer(
    `{"request":{"method":"GET","path":"/v1/folders/{folder}/messages","params":{"folder":${to}},"query":{"limit":${limit}}}}`,
  )
}

/** The result of an operation, from what the provider answered. */
export function apply(pointer: usize, length: i32): u64 {
  const asked = question(pointer, length)
  const body = asked.get('response').get('body')
  if (asked.get('operation').text === 'message.send') {
    const to = json.quote(body.get('recipient').text)
    return answer(
      `{"result":{"id":${json.quote(body.get('id').text)},"to":${to},"sentAt":${json.quote(body.get('sent_at').text)}}}`,
    )
  }
  const list = body.get('messages').list
  const messages: string[] = []
  for (let i = 0; i < list.length; i++) messages.push(mail(list[i]))
  return answer(`{"result":{"messages":[${messages.join(',')}]}}`)
}

/** What a test of the credential tells, from the result of the health read. */
export function health(pointer: usize, length: i32): u64 {
  const count = question(pointer, length).get('result').get('messages').list.length
  return answer(`{"tell":"the inbox can be read (${count} mails asked for)"}`)
}

function mail(from: json.Json): string {
  const sender = from.has('sender') ? json.quote(from.get('sender').text) : 'null'
  const text = json.quote(from.get('body').text)
  return `{"id":${json.quote(from.get('id').text)},"text":${text},"from":${sender},"sentAt":${json.quote(from.get('sent_at').text)}}`
}
