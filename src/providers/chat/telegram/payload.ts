// Parameters as Telegram takes them in every kind of body but JSON: texts, with what is no scalar as its JSON text. So no
// id passes through a number that could round it.
import {
  type FormValue,
  type JsonObject,
  type JsonValue,
  knownExtras,
  type MultipartPart,
  type RequestParts,
  stringified,
} from '../../../adapter/index.ts'
import { wholeNumber } from './shapes.ts'

// Left out: `allow_paid_broadcast` and `suggested_post_parameters` spend or promise Stars, `business_connection_id` speaks
// as somebody else, `reply_parameters` is `replyTo`.
const HOW = [
  'direct_messages_topic_id',
  'disable_notification',
  'message_effect_id',
  'message_thread_id',
  'parse_mode',
  'protect_content',
  'reply_markup',
] as const
export const TEXT_EXTRAS = [...HOW, 'entities', 'link_preview_options']
export const EDIT_EXTRAS = ['entities', 'link_preview_options', 'parse_mode', 'reply_markup']
export const DOCUMENT_EXTRAS = [...HOW, 'caption_entities', 'disable_content_type_detection']
export const PHOTO_EXTRAS = [...HOW, 'caption_entities', 'has_spoiler', 'show_caption_above_media']

export interface GivenFile {
  name: string
  text?: string | undefined
  base64?: string | undefined
  contentType?: string | undefined
}

export const formExtras = (native: JsonObject | undefined, known: readonly string[]): Record<string, FormValue> =>
  stringified(knownExtras(native, known))

/** `reply_parameters`, written by hand so that the number stays as it was given. */
export const replyTo = (id: string | undefined): string | undefined =>
  id === undefined ? undefined : `{"message_id":${wholeNumber(id, 'replyTo')}}`

/** The form as multipart, with a file under `name`. */
export const withFile = (
  fields: Record<string, JsonValue | undefined>,
  { name, file }: { name: string; file: GivenFile },
): RequestParts => ({
  multipart: [
    ...Object.entries(fields).flatMap(([field, value]): MultipartPart[] =>
      value === undefined || value === null ? [] : [{ name: field, value: textOf(value) }],
    ),
    {
      name,
      filename: file.name,
      value: file.text ?? Buffer.from(file.base64 ?? '', 'base64'),
      contentType:
        file.contentType ?? (file.text === undefined ? 'application/octet-stream' : 'text/plain; charset=utf-8'),
    },
  ],
})

const textOf = (value: JsonValue): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))
