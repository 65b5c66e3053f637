// Errors as XML, in the forms of AWS and of those who copy it: `<Error>` as the root, or in an `<ErrorResponse>`. Some come
// under status 200, as when S3 finds in the middle of a copy that it cannot end it.
import type { IncomingResponse } from '../egress/index.ts'
import type { JsonValue } from '../foundation/index.ts'
import { textOf } from './answer.ts'
import { xmlBody } from './xml.ts'

export interface XmlError {
  code: string
  message: string | undefined
  requestId: string | undefined
}

/** The error in an answer, undefined where the body is something else. */
export function xmlError(response: IncomingResponse): XmlError | undefined {
  // A success may be large; the root of an error stands at the start, behind any spaces by which S3 keeps a connection alive.
  const start = /^\s*(?:<\?xml[^>]*\?>\s*)?/.exec(response.text)?.[0].length ?? 0
  if (!/<(?:\w+:)?Error(?:Response)?[\s>]/.test(response.text.slice(start, start + 512))) return undefined
  const root = membersOf(xmlBody(response) ?? null)
  const outer = membersOf(root.ErrorResponse)
  const error = membersOf(root.Error ?? outer.Error)
  const code = textOf(error.Code)
  if (code === undefined) return undefined
  return {
    code,
    message: textOf(error.Message),
    requestId: textOf(error.RequestId) ?? textOf(outer.RequestId) ?? textOf(outer.RequestID),
  }
}

const membersOf = (value: JsonValue | undefined): { readonly [name: string]: JsonValue } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}
