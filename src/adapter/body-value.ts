// Leaves of a body that plain JSON values cannot be: places that are filled after the plan, and numbers that a double
// would round. Both are classes, so that no JSON of a caller can ever be taken for one.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import type { SecretRef } from './secret-ref.ts'

/** A value of a JSON body: JSON, with holes and exact numbers as leaves. */
export type BodyValue =
  | JsonValue
  | BodyHole
  | ExactNumber
  | readonly BodyValue[]
  | { readonly [name: string]: BodyValue }

/** A place in a body that is filled when the request leaves: a secret by the door, the idempotency key by the engine. */
export class BodyHole {
  readonly fills: { secret: string } | { key: true; length: number }

  constructor(fills: BodyHole['fills']) {
    this.fills = fills
  }

  /** How a plan shows it. */
  toJSON(): string {
    return 'secret' in this.fills ? `<${this.fills.secret}>` : '$key'
  }
}

/** The secret, in the body, where a vendor wants its credential there. */
export const secretInBody = ({ secret }: SecretRef): BodyHole => new BodyHole({ secret })

/** The idempotency key, where a vendor takes it in the body; `length` cuts it to what the vendor allows (default 64). */
export const keyInBody = ({ length = 64 }: { length?: number } = {}): BodyHole => new BodyHole({ key: true, length })

/** A number in a JSON body, digit by digit as it is written. */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) {
      throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not a decimal number`)
    }
    this.text = text
  }

  /** How a plan shows it. */
  toJSON(): string {
    return this.text
  }
}

/** A number that must not pass through a double: `exactNumber('10.10')`, or an id beyond 2^53. */
export const exactNumber = (text: string): ExactNumber => new ExactNumber(text)
