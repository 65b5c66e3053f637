// Answers as Telegram's pages have them, for the examples of the operations.
import type { JsonObject } from '../../../adapter/index.ts'

export const CHAT = '-1001234567890'
export const MESSAGE = '42'

export const bot: JsonObject = { id: 110201543, is_bot: true, first_name: 'Stage', username: 'stage_twin_bot' }

export const studio: JsonObject = { id: -1001234567890, type: 'supergroup', title: 'Studio', is_forum: true }

export const ok = (result: JsonObject | boolean | JsonObject[]): JsonObject => ({ ok: true, result })

export const message = (content: JsonObject): JsonObject => ({
  message_id: 42,
  from: bot,
  chat: studio,
  date: 1764079200,
  ...content,
})

export const document: JsonObject = {
  file_id: 'BQACAgIAAxkDAAMqZ0',
  file_unique_id: 'AgADKgAD',
  file_name: 'running-order.txt',
  mime_type: 'text/plain',
  file_size: 19,
}

export const photo: JsonObject[] = [
  { file_id: 'AgACAgIAAxkDAAMrs', file_unique_id: 'AQADKwAD', width: 90, height: 60, file_size: 1101 },
  { file_id: 'AgACAgIAAxkDAAMry', file_unique_id: 'AQADKwAE', width: 1280, height: 853, file_size: 98_304 },
]
