// Another process on the same home: `node talker-child HOME apply DIGEST|resume RUN`. Says what happens, one line each.
import { writeSync } from 'node:fs'
import { openWithTalker } from './rig.ts'

const [home = '', command, reference = ''] = process.argv.slice(2)

// Synchronous, so that a line is out before a kill that follows it.
const say = (text: string) => writeSync(1, `${text}\n`)

const fabric = await openWithTalker(home, { leaseMs: 500 })
const onPiece = ({ piece }: { piece: { text?: unknown } }) => void say(`piece ${piece.text}`)
try {
  const run =
    command === 'apply'
      ? await fabric.apply(await fabric.readPlan(reference), { onPiece })
      : await fabric.resume(reference, { onPiece })
  say(run.state)
} catch (thrown) {
  say((thrown as { code?: string }).code ?? String(thrown))
}
await fabric.close()
