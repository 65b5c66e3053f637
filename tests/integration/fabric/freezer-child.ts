// Another process on the same home that freezes everything and stays: `node freezer-child HOME`. Says `frozen`; whoever started
// it kills it.
import { writeSync } from 'node:fs'
import { openFabric } from '../../../src/fabric/index.ts'

const [home = ''] = process.argv.slice(2)
const fabric = await openFabric({ home, actor: 'if://person/ben', session: 'child', env: {} })
await fabric.freeze({ all: true }, { why: 'the child says so' })
writeSync(1, 'frozen\n')
setTimeout(() => process.exit(1), 60_000)
