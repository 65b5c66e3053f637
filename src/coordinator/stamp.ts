// The wall clock as RFC 3339 text, which is made once a millisecond however often it is asked for.
import { type Clock, timestamp } from '../foundation/index.ts'

export function stampOf(clock: Clock): () => string {
  let ms = Number.NaN
  let text = ''
  return () => {
    const now = clock.now()
    if (now !== ms) {
      ms = now
      text = timestamp(now)
    }
    return text
  }
}
