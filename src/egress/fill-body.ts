// Writes credentials into the places of a body that was given in pieces, each escaped for the text around it.
import { type OpenContext, openSecret, secretUnreadable } from './open-secret.ts'
import type { BodyPiece, OutgoingRequest } from './port.ts'

/** The body as it leaves. */
export async function fillBody(
  body: OutgoingRequest['body'],
  context: OpenContext,
): Promise<string | Uint8Array | undefined> {
  if (!isPieces(body)) return body
  let text = ''
  for (const piece of body) {
    if (typeof piece === 'string') {
      text += piece
      continue
    }
    const written = escaped(piece.escape, await openSecret(piece.secret, context), piece.secret)
    context.scrubber.register(written)
    text += written
  }
  return text
}

/** Whether a body holds a secret. */
export const holdsSecret = (body: OutgoingRequest['body']): boolean =>
  isPieces(body) && body.some((piece) => typeof piece !== 'string')

const isPieces = (body: OutgoingRequest['body']): body is readonly BodyPiece[] => Array.isArray(body)

function escaped(place: Exclude<BodyPiece, string>['escape'], value: string, secret: string): string {
  switch (place) {
    case 'json':
      return JSON.stringify(value).slice(1, -1)
    case 'form':
      return encodeURIComponent(value)
        .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll('%20', '+')
    case 'xml':
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 (2.2) has no way to write these.
      if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(value)) {
        throw secretUnreadable(
          secret,
          'a control character cannot stand in XML',
          'Set the secret again, exactly as the provider shows it.',
        )
      }
      return value.replace(/[&<>"'\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`)
  }
}
