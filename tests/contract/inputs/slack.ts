// Inputs beyond Slack's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional, word } from './arbitraries.ts'

const ts = fc.stringMatching(/^1[0-9]{9}\.[0-9]{6}$/)

export default {
  'message.send': fc.record({
    to: word,
    text: anyText,
    replyTo: optional(ts),
    native: optional(fc.record({ unfurl_links: fc.boolean(), username: anyText }, { requiredKeys: [] })),
  }),
  'message.edit': fc.record({ to: word, id: ts, text: anyText }),
  'message.list': fc.record({
    to: word,
    limit: fc.integer({ min: 1, max: 10_000 }),
    before: optional(ts),
    after: optional(ts),
  }),
  'message.react': fc.record({ to: word, id: ts, emoji: fc.stringMatching(/^[a-z0-9_+-]{1,40}$/) }),
  'file.upload': fc.record({
    file: fc.record({ name: word, text: fc.string({ minLength: 1 }) }),
    to: word,
    text: optional(anyText),
  }),
  'slack:message.schedule': fc.record({
    to: word,
    text: anyText,
    at: fc.integer({ min: 1_800_000_000, max: 1_900_000_000 }).map((at) => new Date(at * 1000).toISOString()),
  }),
} satisfies Record<string, fc.Arbitrary<object>>
