// Inputs beyond Discord's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional } from './arbitraries.ts'

const snowflake = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String)

export default {
  'message.send': fc.record({
    to: snowflake,
    text: anyText,
    replyTo: optional(snowflake),
    attachments: optional(
      fc.array(fc.record({ name: fc.stringMatching(/^[a-z"; .]{1,20}$/), text: anyText }), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
    native: optional(
      fc.record({ tts: fc.boolean(), allowed_mentions: fc.constant({ parse: [] }) }, { requiredKeys: [] }),
    ),
  }),
  'message.edit': fc.record({ to: snowflake, id: snowflake, text: anyText }),
  'message.react': fc.record({
    to: snowflake,
    id: snowflake,
    emoji: fc.constantFrom('🎉', 'onair:5', '👩‍👩‍👧', '%2F'),
  }),
  'message.list': fc.record({
    to: snowflake,
    limit: fc.integer({ min: 1, max: 10_000 }),
    before: optional(snowflake),
    after: optional(snowflake),
  }),
} satisfies Record<string, fc.Arbitrary<object>>
