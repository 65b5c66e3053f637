// Media types of descriptions as the encodings that requests and answers have.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { BodyEncoding } from './exchange.ts'
import type { DescribedAnswer } from './operation.ts'
import { isObject } from './pointer.ts'
import type { Validators } from './schemas.ts'

/** Of a media type; `raw` is all that has no structure of its own. */
export function encodingOf(mediaType: string): BodyEncoding {
  const type = (mediaType.split(';')[0] ?? '').trim().toLowerCase()
  if (/ndjson|jsonl|json-seq/.test(type)) return 'ndjson'
  if (/[/+]json$/.test(type)) return 'json'
  if (/[/+]xml$/.test(type)) return 'xml'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return type.startsWith('multipart/') ? 'multipart' : 'raw'
}

/** Schemas by encoding of OpenAPI's `content`; a wildcard stands for JSON and for bytes. */
export function bodyEncodings(
  content: JsonObject,
  validators: Validators,
): { [K in BodyEncoding]?: ReturnType<Validators> } {
  const found: { [K in BodyEncoding]?: ReturnType<Validators> } = {}
  for (const [type, media] of Object.entries(content)) {
    const validate = validators(schemaOf(media))
    for (const encoding of type.endsWith('/*') ? (['json', 'raw'] as const) : [encodingOf(type)]) {
      found[encoding] ??= encoding === 'raw' ? () => [] : encoding === 'ndjson' ? () => [] : validate
    }
  }
  return found
}

/** Validators by kind of an answer's `content`. */
export function answerOf(content: JsonObject, validators: Validators): DescribedAnswer {
  const answer: DescribedAnswer = {}
  for (const [type, media] of Object.entries(content)) {
    const validate = validators(schemaOf(media))
    if (type.startsWith('text/event-stream')) answer.event ??= validate
    else if (encodingOf(type) === 'json' || type.endsWith('/*')) answer.json ??= validate
    else if (encodingOf(type) === 'xml') answer.xml ??= validate
  }
  return answer
}

const schemaOf = (media: JsonValue): JsonValue => (isObject(media) ? (media.schema ?? true) : true)
