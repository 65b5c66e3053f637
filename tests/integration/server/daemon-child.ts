// A daemon in a process of its own: `node daemon-child HOME [PORT]`. Says `ready URL` or the code of what kept it from starting;
// ends at SIGTERM.
import { writeSync } from 'node:fs'
import { openDaemon } from '../../../src/server/index.ts'

const [home = '', port = '0'] = process.argv.slice(2)
// Synchronous, so that a line is out before a kill that follows it.
const say = (text: string) => writeSync(1, `${text}\n`)

try {
  const daemon = await openDaemon({ home, port: Number(port), env: {} })
  process.on('SIGTERM', () => void daemon.close())
  say(`ready ${daemon.url}`)
} catch (thrown) {
  say((thrown as { code?: string }).code ?? String(thrown))
}
