// The body of a message: JSON, or multipart with the same JSON beside its files. The nonce makes a repeated send harmless
// for a few minutes; a multipart body has no place for it, so a message with files is never sent twice on its own.
import {
  type JsonObject,
  keyInBody,
  type MultipartPart,
  type RequestParts,
  unsupported,
} from '../../../adapter/index.ts'

/** docs.discord.com/developers/resources/message#create-message */
const TEXT_MAX = 2000
const NONCE_MAX = 25

export interface GivenFile {
  name: string
  text?: string | undefined
  base64?: string | undefined
  contentType?: string | undefined
}

/** The text, or a refusal of what Discord would cut or refuse. */
export function fitting(text: string): string {
  if ([...text].length <= TEXT_MAX) return text
  throw unsupported(`text: Discord takes at most ${TEXT_MAX} characters`, 'Shorten it, or send it in several messages.')
}

/** A body that may be repeated within Discord's memory of nonces. */
export const once = (payload: JsonObject): RequestParts => ({
  json: { ...payload, nonce: keyInBody({ length: NONCE_MAX }), enforce_nonce: true },
})

export const withFiles = (payload: JsonObject, files: readonly GivenFile[]): RequestParts => ({
  multipart: [
    {
      name: 'payload_json',
      contentType: 'application/json',
      value: JSON.stringify({
        ...payload,
        attachments: files.map(({ name }, at) => ({ id: String(at), filename: name })),
      }),
    },
    ...files.map(filePart),
  ],
})

const filePart = ({ name, text, base64, contentType }: GivenFile, at: number): MultipartPart => ({
  name: `files[${at}]`,
  filename: name,
  value: text ?? Buffer.from(base64 ?? '', 'base64'),
  contentType: contentType ?? (text === undefined ? 'application/octet-stream' : 'text/plain; charset=utf-8'),
})
