// Inputs beyond Telegram's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional } from './arbitraries.ts'

const number = fc.bigInt({ min: 1n, max: 2n ** 31n - 1n }).map(String)
const chat = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 52n - 1n }).map(String),
  fc.bigInt({ min: 1n, max: 2n ** 52n - 1n }).map((id) => `-${id}`),
  fc.stringMatching(/^@[A-Za-z_]{5,20}$/),
)
const file = fc.record({ name: fc.stringMatching(/^[a-z"; .]{1,20}$/), text: anyText })

export default {
  'message.send': fc.record({
    to: chat,
    text: anyText,
    replyTo: optional(number),
    attachments: optional(fc.array(file, { minLength: 1, maxLength: 1 })),
    native: optional(
      fc.record({ disable_notification: fc.boolean(), protect_content: fc.boolean() }, { requiredKeys: [] }),
    ),
  }),
  'message.edit': fc.record({ to: chat, id: number, text: anyText }),
  'message.react': fc.record({ to: chat, id: number, emoji: fc.constantFrom('🎉', '👍', '5368324170671202286') }),
  'file.upload': fc.record({ to: chat, file, text: optional(anyText) }),
} satisfies Record<string, fc.Arbitrary<object>>
