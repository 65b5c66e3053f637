// A process that reads once through the tokens of a home, as the tests tell it. It says `ready`, begins when its time has
// come, and says the answer or the error.
import { isFabricError } from '../../../src/foundation/index.ts'
import { callerOf, consentAuth, instanceAt, machineAuth, openHome, providerWith } from './fixture.ts'

const [path = '', host = '', auth = '', startAt = '0'] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)

const home = await openHome(path)
const shop = callerOf(home, providerWith(auth === 'machine' ? machineAuth() : consentAuth()), instanceAt(host))
say('ready')
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(startAt) - Date.now())))
try {
  await shop.read()
  say('done')
} catch (thrown) {
  say(isFabricError(thrown) ? `${thrown.code} ${thrown.message}` : String(thrown))
}
await home.close()
