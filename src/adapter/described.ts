// What a definition knows about the description that its vendor publishes: where it lies, and where it and the vendor are
// known to differ. Each difference excuses exactly what it names, with its reason, so that a check never passes by looking
// away.
import type { JsonValue } from '../foundation/index.ts'

export interface Described {
  /** Folder of the description in the folder of all. Default: the provider's id. */
  folder?: string
  /** Files of that folder that are this provider's. Default all. */
  files?: RegExp
  /** Default none. */
  faults?: readonly DescriptionFault[]
}

/** What a problem is about. `route`: the description does not know the method and path at all. */
export type ProblemKind = 'route' | 'path' | 'query' | 'header' | 'body' | 'status' | 'response'

export type DescriptionFault = {
  /** Why the definition is right all the same, with where it is said. */
  reason: string
} & (
  | {
      /** Problems at these places are excused; `operations` matches `POST /api/chat.update`, the path template. */
      excuses: { operations: RegExp; kind: ProblemKind; where: RegExp; message?: RegExp }
    }
  | {
      /** An answer of this status whose body has this member is held against another described answer. */
      answers: { status: number; member: string; is: JsonValue; describedUnder: string }
    }
)
