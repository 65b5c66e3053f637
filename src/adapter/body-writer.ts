// A body as it is written: text, and places that are filled when it leaves. Texts and places stand in turn.
import type { BodyHole } from './body-value.ts'
import type { EncodedBody, EncodedPiece } from './encoded-body.ts'

export class BodyWriter {
  readonly #escape: 'json' | 'xml'
  readonly #pieces: EncodedPiece[] = []
  #shown = ''

  /** How a secret is written in this kind of body. */
  constructor(kind: 'json' | 'xml') {
    this.#escape = kind
  }

  text(text: string): void {
    this.#shown += text
    const last = this.#pieces.at(-1)
    if (typeof last === 'string') this.#pieces[this.#pieces.length - 1] = last + text
    else this.#pieces.push(text)
  }

  hole(hole: BodyHole): void {
    const { fills } = hole
    this.#pieces.push('secret' in fills ? { ...fills, escape: this.#escape } : { key: fills.length })
    this.#shown += hole.toJSON()
  }

  /** In pieces only where something is filled in; `text` is what a plan shows. */
  end(): Pick<EncodedBody, 'body' | 'pieces' | 'text'> {
    const text = this.#shown
    return this.#pieces.every((piece) => typeof piece === 'string')
      ? { body: text, text }
      : { pieces: this.#pieces, text }
  }
}
