// Answers as JSON values, whatever they come as: what the definition reads is always one.
import type { IncomingResponse } from '../egress/index.ts'
import { assertNever, type JsonValue } from '../foundation/index.ts'
import { answerText } from './charset.ts'
import { decodeExactJson, decodeJson, jsonBody, tryJson } from './json.ts'
import type { AnswerKind } from './request.ts'
import { xmlBody } from './xml.ts'

/** The body of an answer, undefined where it is not of this kind. No body is null, for every kind but text and bytes. */
export function decodeAnswer(response: IncomingResponse, kind: AnswerKind): JsonValue | undefined {
  switch (kind) {
    case 'json':
      return jsonBody(response)
    case 'exact-json':
      return tryJson(response, decodeExactJson)
    case 'text':
      return answerText(response)
    case 'bytes':
      return Buffer.from(response.body).toString('base64')
    case 'xml':
      return xmlBody(response)
    case 'ndjson':
      return tryJson(response, (text) => lines(text).map(decodeJson))
    case 'empty':
      return null
    default:
      return assertNever(kind)
  }
}

const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '')
