// `node many-child ORIGIN COUNT`: so many streams at once in one process. Says how many pieces came and the memory it took.
import { operationOf, perform } from '../../../src/adapter/index.ts'
import { openDoor } from '../../../src/egress/index.ts'
import { Redactor, Secret, systemClock } from '../../../src/foundation/index.ts'
import { loadTalker, TALK, talkerAt } from '../../unit/adapter/fixtures/talker.ts'

const [origin = '', count = '0'] = process.argv.slice(2)
const provider = loadTalker()
const entry = operationOf(provider, 'completion.create')
const door = openDoor({ redactor: new Redactor(), clock: systemClock })
let pieces = 0
let mostBytes = 0
const onPiece = () => {
  pieces += 1
  if (pieces % 500 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage().rss)
}
const results = await Promise.all(
  Array.from({ length: Number(count) }, () =>
    perform({
      provider,
      instance: talkerAt(origin),
      entry,
      input: TALK,
      door,
      secrets: { open: async () => new Secret('k-1') },
      timeoutMs: 60_000,
      onPiece,
    }),
  ),
)
await door.close()
const whole = results.filter(({ result }) => result.finishReason === 'stop').length
process.stdout.write(`${JSON.stringify({ whole, pieces, megabytes: Math.round(mostBytes / 1024 / 1024) })}\n`)
