// What the vendors' forms of a conversation have in common: an image is an address or bytes of a named kind, the
// arguments of a tool call are an object.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { decodeJson } from '../json.ts'
import { unsupported } from '../refusal.ts'
import type { InputOf, ResultOf } from '../vocabulary/index.ts'

export type CompletionInput = InputOf<'completion.create'>
export type Completion = ResultOf<'completion.create'>
export type ToolCall = NonNullable<Completion['toolCalls']>[number]

type UserContent = Extract<CompletionInput['messages'][number], { role: 'user' }>['content']
type ImagePart = Extract<Exclude<UserContent, string>[number], { type: 'image' }>

const IMAGE = /^image\/(png|jpeg|gif|webp)$/

/** Where the image is, checked: an address, or bytes with their type. */
export function imageOf({
  url,
  base64,
  contentType,
}: ImagePart): { url: string } | { base64: string; contentType: string } {
  if ((url === undefined) === (base64 === undefined)) {
    throw unsupported('an image of a message needs either url or base64', 'Give one of both.')
  }
  if (url !== undefined) return { url }
  if (base64 === undefined || contentType === undefined || !IMAGE.test(contentType)) {
    throw unsupported(
      `an image in base64 needs its contentType, not ${JSON.stringify(contentType ?? null)}`,
      'Use image/png, image/jpeg, image/gif or image/webp.',
    )
  }
  return { base64, contentType }
}

/** Whether some message has an image: its bytes say nothing of its tokens. */
export const hasImages = ({ messages }: Pick<CompletionInput, 'messages'>): boolean =>
  messages.some(
    ({ role, content }) =>
      role === 'user' && typeof content !== 'string' && content.some(({ type }) => type === 'image'),
  )

/** The arguments of a tool call that a model wrote as JSON; undefined where it wrote something else, or not all of it. */
export function toolArguments(text: string): JsonObject | undefined {
  if (text.trim() === '') return {}
  try {
    const value = decodeJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // cut off by a limit, or no JSON: models write both
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
