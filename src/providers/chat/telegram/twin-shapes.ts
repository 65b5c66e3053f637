// What the rooms of the twin share: its bot, its answers, and parameters as any of Telegram's bodies brings them.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'

export const TWIN_BOT: JsonObject = { id: 110201543, is_bot: true, first_name: 'Stage', username: 'stage_twin_bot' }

export const succeed = (result: JsonValue): TwinAnswer => ({ body: { ok: true, result } })
export const done = (description?: string): TwinAnswer => ({
  body: { ok: true, result: true, ...(description === undefined ? {} : { description }) },
})

export const refuse = (status: number, description: string, parameters?: JsonObject): TwinAnswer => ({
  status,
  ...(typeof parameters?.retry_after === 'number'
    ? { headers: { 'retry-after': String(parameters.retry_after) } }
    : {}),
  body: { ok: false, error_code: status, description, ...(parameters ? { parameters } : {}) },
})

export const badRequest = (what: string): TwinAnswer => refuse(400, `Bad Request: ${what}`)

/** Parameters of the query and of the body. */
export const parametersOf = ({ query, body }: TwinCall): JsonObject => ({ ...query, ...body })

export const text = (value: JsonValue | undefined): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value)

/** An object or a list; outside of JSON it comes as its text. Undefined where it is neither. */
export function structured(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as JsonValue // JSON.parse makes nothing else
  } catch {
    return undefined
  }
}

export const objectOf = (value: JsonValue | undefined): JsonObject => {
  const found = structured(value)
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? found : {}
}

/** The chat that is asked for, or the refusal. */
export function chatIn(call: TwinCall): { chat: JsonObject } | { refusal: TwinAnswer } {
  const given = text(parametersOf(call).chat_id)
  if (given === '') return { refusal: badRequest('chat_id is empty') }
  const chats = [...call.state('chats').values()]
  const chat = given.startsWith('@')
    ? chats.find(({ username }) => text(username).toLowerCase() === given.slice(1).toLowerCase())
    : call.state('chats').get(given)
  if (!chat) return { refusal: badRequest('chat not found') }
  const { moved, blocked, ...shown } = chat
  if (typeof moved === 'number') {
    const refusal = refuse(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: moved,
    })
    return { refusal }
  }
  if (blocked === true) return { refusal: refuse(403, 'Forbidden: bot was blocked by the user') }
  return { chat: shown }
}

export const keyOf = (chat: JsonObject, id: JsonValue | undefined): string => `${text(chat.id)}/${text(id)}`

/** Messages count up in each chat by themselves. */
export function nextNumber(call: TwinCall, chat: JsonObject): number {
  const counts = call.state('counts')
  const next = Number(counts.get(text(chat.id))?.last ?? 100) + 1
  counts.set(text(chat.id), { last: next })
  return next
}
