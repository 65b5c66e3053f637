// A process that works on the vault of a home, as the tests tell it. It says one line when it is ready and one for each thing done.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Redactor, systemClock } from '../../../src/foundation/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { moveVaultKey, openVault, parseSecretReference, rotateVaultKey } from '../../../src/vault/index.ts'

const [home = '', task = '', ...rest] = process.argv.slice(2)
const ORIGIN = 'https://api.example.com'
const keysDir = join(home, 'keys')
const store = await openEmbeddedStore({ path: join(home, 'fabric.db') })
const { env } = process
const vault = openVault({ keysDir, store, env, clock: systemClock, redactor: new Redactor() })
const say = (line: string) => process.stdout.write(`${line}\n`)

const open = async (name: string, reference = 'vault') => {
  const references = { [name]: parseSecretReference(reference) }
  return (await vault.sourceFor({ instance: 'shop', references, origins: [ORIGIN] }).open(name, ORIGIN)).reveal()
}

/** Dies, as by kill -9, right before or right after its nth commit. */
function dyingAt(nth: number, when: string): Store {
  let commits = 0
  const die = () => process.kill(process.pid, 'SIGKILL')
  return {
    capabilities: store.capabilities,
    get: (key) => store.get(key),
    range: (prefix, options) => store.range(prefix, options),
    watch: (prefix, options) => store.watch(prefix, options),
    readLog: (from) => store.readLog(from),
    logHead: () => store.logHead(),
    close: () => store.close(),
    async commit(...args) {
      commits++
      if (commits === nth && when === 'before') die()
      const result = await store.commit(...args)
      if (commits === nth) die()
      return result
    },
  }
}

/** Opens secrets again and again and sets one of its own, until it is killed; a failure is its last word. */
async function work(): Promise<void> {
  const mine = `MINE${process.pid}`
  for (let at = 0; ; at++) {
    const seen = await open(`KEY${at % 20}`)
    if (!seen.startsWith('value-')) throw new Error(`KEY${at % 20} is ${seen}`)
    await vault.set('shop', mine, `mine-${at}`, { origins: [ORIGIN] })
    if ((await open(mine)) !== `mine-${at}`) throw new Error(`${mine} is not what was set`)
    if (at % 20 === 0) say(`worked ${at}`)
  }
}

/** Answers each request with the secret that a call would get now, always through the same source. */
function serve(reference: string): void {
  const source = vault.sourceFor({
    instance: 'shop',
    references: { KEY: parseSecretReference(reference) },
    origins: [ORIGIN],
  })
  const server = createServer((_request, response) => {
    source.open('KEY', ORIGIN).then(
      (secret) => response.end(secret.reveal()),
      (thrown) => response.end(String(thrown)),
    )
  })
  server.listen(0, '127.0.0.1', () => say(String((server.address() as AddressInfo).port)))
}

switch (task) {
  case 'rotate':
  case 'move': {
    const [nth = '0', when = '', to = '', session = '{}'] = rest
    const parts = { keysDir, store: dyingAt(Number(nth), when), env: JSON.parse(session) as Record<string, string> }
    await (task === 'rotate'
      ? rotateVaultKey(parts)
      : moveVaultKey({ ...parts, to: to === 'file' ? 'file' : 'keyring' }))
    say('done')
    await store.close()
    break
  }
  case 'work':
    await work().catch((thrown) => {
      say(`failed: ${thrown}`)
      process.exit(1)
    })
    break
  case 'serve':
    serve(rest[0] ?? 'vault')
    break
}
