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
  'slack:reaction.add': fc.record({ to: word, id: ts, emoji: word }),
} satisfies Record<string, fc.Arbitrary<object>>
