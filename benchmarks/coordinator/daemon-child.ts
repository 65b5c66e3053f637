// A daemon in a process of its own: `node daemon-child HOME`. Says where it is in one line, and ends with its standard input.
import { openDaemon } from '../../src/server/index.ts'

const [home = ''] = process.argv.slice(2)
const daemon = await openDaemon({ home, port: 0, env: {} })
console.log(daemon.socket)
process.stdin.resume().on('end', () => void daemon.close({ withinMs: 0 }))
