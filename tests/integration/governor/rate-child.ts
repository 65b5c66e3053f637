// Another process that calls under the same rate limit: `node rate-child FILE RPS BURST CALLS LANES`. Says each call that
// may go out and each refusal, `done` when no more come, and stays until it is killed.
import { writeSync } from 'node:fs'
import { isFabricError, systemClock } from '../../../src/foundation/index.ts'
import { openRateLimits } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'

const [path = '', rps = '1', burst = '1', calls = '0', lanes = '1'] = process.argv.slice(2)
const say = (text: string) => writeSync(1, `${text}\n`)

const store = await openEmbeddedStore({ path })
const limits = await openRateLimits({ store, clock: systemClock })
const limit = { rps: Number(rps), burst: Number(burst) }
let left = Number(calls)

// A watch keeps no process alive. Whoever started this one kills it; the end is for when that one died first.
setTimeout(() => process.exit(1), 60_000)
say('ready')

await Promise.all(
  Array.from({ length: Number(lanes) }, async () => {
    while (left-- > 0) {
      try {
        await limits.take({ kind: 'instance', name: 'stripe' }, limit, { timeoutMs: 50_000 })
        say('out')
      } catch (thrown) {
        if (!isFabricError(thrown)) throw thrown
        say(thrown.code)
        left = 0
      }
    }
  }),
)
say('done')
