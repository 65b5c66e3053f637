// Extism in its worker mode, in a process of its own: its worker does not start under Node's --enable-source-maps.
// argv: a core module in base64, the input. Prints the milliseconds of calls, and of instances with their first call.
import createPlugin from '@extism/extism'

const CALLS = 5_000
const WARM_UP = 1_000
const INSTANCES = 8

const [, , base64 = '', input = ''] = process.argv
const open = () => createPlugin({ wasm: [{ data: Buffer.from(base64, 'base64') }] }, { runInWorker: true })

const plugin = await open()
/** @type {number[]} */
const calls = []
for (let at = -WARM_UP; at < CALLS; at++) {
  const startedAt = performance.now()
  await plugin.call('execute', input)
  if (at >= 0) calls.push(performance.now() - startedAt)
}
await plugin.close()

/** @type {number[]} */
const instances = []
for (let at = 0; at < INSTANCES; at++) {
  const startedAt = performance.now()
  const other = await open()
  await other.call('execute', input)
  instances.push(performance.now() - startedAt)
  await other.close()
}
console.log(JSON.stringify({ calls, instances }))
process.exit(0)
