// Handles of scoped credentials: an id and the proof that this process gave it. The key of the proof is made with the
// process and never leaves it, so a handle is worth nothing in any other process, nor after a restart.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { type RandomBytes, ulid } from '../foundation/index.ts'

export interface Handles {
  make(): { id: string; handle: string }
  /** The id of a handle that was made here, compared in constant time; undefined for anything else. */
  idOf(handle: string): string | undefined
}

const HANDLE = /^ifcred_([0-9a-z]{26})_[A-Za-z0-9_-]{43}$/
const KEY_BYTES = 32

export function createHandles(random: RandomBytes): Handles {
  const key = random(KEY_BYTES)
  const handleOf = (id: string): string => `ifcred_${id}_${createHmac('sha256', key).update(id).digest('base64url')}`
  return {
    make() {
      const id = ulid().toLowerCase()
      return { id, handle: handleOf(id) }
    },
    idOf(handle) {
      const [whole, id] = HANDLE.exec(handle) ?? []
      if (whole === undefined || id === undefined) return undefined
      // The texts and not the decoded bytes: base64url has several texts for the same bytes.
      return timingSafeEqual(Buffer.from(whole), Buffer.from(handleOf(id))) ? id : undefined
    },
  }
}
