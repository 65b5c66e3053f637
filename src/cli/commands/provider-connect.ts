// ifab provider connect: a person lets an instance in at its provider. Shows the page or the code and waits; the code that
// comes back never shows.
import { spawn } from 'node:child_process'
import type { ConsentPrompt } from '../../adapter/index.ts'
import type { Fabric } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import { type LoopbackRedirect, openLoopbackRedirect } from '../input/loopback-redirect.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { printable } from '../output/printable.ts'

/** Longer than anybody looks for a password. */
const PATIENCE_MS = 15 * 60_000

export const providerConnectCommand: CommandHandler = async (invocation) => {
  const { flags, args, console, io } = invocation
  const [name = ''] = args // required by the command tree
  if (flags.has('no-input') || console.json) throw nobodyThere(name)
  const port = portIn(flags.text('port'))
  const fabric = await invocation.fabric()
  const interruption = listenForInterrupt(io)
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS)
  const signal = AbortSignal.any([interruption.stop, patience.signal])
  try {
    const connected = flags.has('device')
      ? await byDevice(invocation, fabric, { name, signal })
      : await byPage(invocation, fabric, { name, port, signal })
    const { scopes, expiresAt, renews } = connected
    const until = renews
      ? 'renewed by itself'
      : expiresAt === null
        ? 'until the provider refuses it'
        : `until ${expiresAt}`
    const may = scopes.length > 0 ? ` · may ${scopes.map(printable).join(', ')}` : ''
    console.result(connected, `${console.out.good('✓')} connected ${name}${may} · ${until}`)
    console.note(`Next: ifab provider test ${name}`)
    return undefined
  } catch (thrown) {
    if (interruption.exitCode !== undefined) return interruption.exitCode
    if (patience.signal.aborted) throw tooLate(name)
    throw thrown
  } finally {
    clearTimeout(timer)
    interruption.end()
  }
}

async function byPage(
  invocation: Invocation,
  fabric: Fabric,
  { name, port, signal }: { name: string; port: number | undefined; signal: AbortSignal },
) {
  const redirect: LoopbackRedirect = await openLoopbackRedirect(port)
  try {
    return await fabric.connectInstance(name, {
      flow: 'code',
      redirectUri: redirect.uri,
      signal,
      ask: async (prompt) => {
        if (prompt.kind !== 'code') return undefined
        showPage(invocation, name, prompt, redirect.uri)
        return redirect.answer(prompt.state, signal)
      },
    })
  } finally {
    await redirect.close()
  }
}

const byDevice = ({ console }: Invocation, fabric: Fabric, { name, signal }: { name: string; signal: AbortSignal }) =>
  fabric.connectInstance(name, {
    flow: 'device',
    signal,
    ask: async (prompt) => {
      if (prompt.kind !== 'device') return undefined
      const { userCode, verificationUri, expiresAt } = prompt
      console.note(
        `Open ${printable(verificationUri)} in any browser and enter ${console.err.strong(printable(userCode))}`,
      )
      console.note(`The code counts until ${expiresAt}. Waiting …`)
      return undefined
    },
  })

function showPage(
  { console, flags, canAsk }: Invocation,
  name: string,
  { url, scopes }: ConsentPrompt & { kind: 'code' },
  uri: string,
): void {
  const wants = scopes.length > 0 ? ` to ${scopes.join(', ')}` : ''
  console.note(`Let InfraFabric in for ${name}${wants}. Open in a browser on this machine:`)
  console.note(url)
  console.note(`Waiting at ${uri} …`)
  if (flags.has('open') && canAsk) openBrowser(url)
}

/** Where there is none, the address on the screen has to do. */
function openBrowser(url: string): void {
  const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

function portIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port
  throw new FabricError('IF_ERR_USAGE', `--port ${JSON.stringify(text)} is no port`, {
    hint: 'A port is a number from 1 to 65535.',
  })
}

const nobodyThere = (name: string): FabricError =>
  new FabricError('IF_ERR_USAGE', `${name} is connected by a person, and nobody can be asked here`, {
    hint: 'Run it without --no-input and --json, where a person reads what it shows.',
    next: `ifab provider connect ${name}`,
  })

const tooLate = (name: string): FabricError =>
  new FabricError('IF_ERR_TIMEOUT', `${name}: nobody consented within 15 minutes`, {
    next: `ifab provider connect ${name}`,
  })
