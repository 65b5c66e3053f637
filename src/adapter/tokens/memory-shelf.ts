// A shelf that nobody else sees and that ends with the process: for trying credentials before they are stored.
import { type Redactor, ulid } from '../../foundation/index.ts'
import type { HeldToken, TokenStanding } from './token-record.ts'
import type { Shelf } from './token-shelf.ts'

export function openMemoryShelf({ redactor }: { redactor: Redactor }): Shelf {
  let kept: HeldToken | undefined
  let value: TokenStanding = { version: 1, id: ulid(), generation: 0 }
  let revision = 0
  return {
    held: async () => kept,
    standing: async () => ({ value, expect: revision }),
    async swap({ expect }, next) {
      if (expect !== revision) return undefined
      value = next
      revision += 1
      return { value, expect: revision }
    },
    async put(from, token) {
      if (value.id !== from.id || value.generation !== from.generation) return undefined
      for (const secret of [token.access, token.refresh]) if (secret !== undefined) redactor.add(secret)
      kept = { version: 1, id: value.id, generation: value.generation + 1, ...token }
      value = { version: 1, id: kept.id, generation: kept.generation }
      revision += 1
      return kept
    },
  }
}
