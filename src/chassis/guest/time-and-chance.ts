// Clock and chance of one call. Seeded, both follow from the seed alone, so that the same question has the same answer on
// every machine: the clock stands, and chance is SHA-256 over seed and counter.
import { createHash, randomFillSync } from 'node:crypto'
import type { GuestTime } from '../guest-protocol.ts'

export interface TimeAndChance {
  nowMs(): number
  /** Fills with bytes of chance. */
  fill(bytes: Uint8Array): void
  /** From 0, below 1, with 53 bits. */
  random(): number
}

const BLOCK_BYTES = 32
const LIVE_POOL_BYTES = 1_024

export function openTimeAndChance(time: GuestTime): TimeAndChance {
  const next = time.kind === 'seeded' ? seededBlocks(time.seed) : liveBlocks
  let block = new Uint8Array(0)
  let at = 0

  const fill = (bytes: Uint8Array): void => {
    let filled = 0
    while (filled < bytes.length) {
      if (at === block.length) {
        block = next()
        at = 0
      }
      const part = block.subarray(at, at + bytes.length - filled)
      bytes.set(part, filled)
      filled += part.length
      at += part.length
    }
  }

  const word = new Uint8Array(8)
  const view = new DataView(word.buffer)
  const random = (): number => {
    fill(word)
    return Number(view.getBigUint64(0) >> 11n) / 2 ** 53
  }

  return { nowMs: time.kind === 'seeded' ? () => time.nowMs : Date.now, fill, random }
}

/** SHA-256(seed, counter), counter from 0 as 64 bits, big-endian. */
function seededBlocks(seed: string): () => Uint8Array<ArrayBuffer> {
  const counter = Buffer.alloc(8)
  let turns = 0n
  return () => {
    counter.writeBigUInt64BE(turns)
    turns += 1n
    const block = new Uint8Array(BLOCK_BYTES)
    block.set(createHash('sha256').update(seed).update(counter).digest())
    return block
  }
}

const liveBlocks = (): Uint8Array<ArrayBuffer> => randomFillSync(new Uint8Array(LIVE_POOL_BYTES))
