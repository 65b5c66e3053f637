// Updates by webhook. Telegram signs nothing: each delivery shows the secret that webhook.set gave it
// (core.telegram.org/bots/api#setwebhook).
import { inHeader, secret, sharedSecret, type Webhooks } from '../../../adapter/index.ts'
import { toUpdate } from './updates.ts'

export const webhooks: Webhooks = {
  setup:
    'webhook.set with the address; TELEGRAM_WEBHOOK_SECRET is a text of your own choice that goes along. Ports 443, 80, 88 and 8443 alone.',
  verify: sharedSecret(inHeader('X-Telegram-Bot-Api-Secret-Token'), secret('TELEGRAM_WEBHOOK_SECRET')),
  events: ({ body }) => [toUpdate(body)],
  example: {
    headers: { 'content-type': 'application/json' },
    body: {
      update_id: 10000,
      message: {
        date: 1764079200,
        chat: { last_name: 'Lovelace', id: 1111111, type: 'private', first_name: 'Ada', username: 'ada_l' },
        message_id: 1365,
        from: { last_name: 'Lovelace', id: 1111111, first_name: 'Ada', username: 'ada_l', is_bot: false },
        text: '/start',
      },
    },
  },
}
