// ifab up, ifab coordinator start: serves the home until Ctrl-C. Once: takes nothing new in and waits for what is under
// way; twice: ends at once, and what was claimed comes back when its lease has ended.
import { FabricError, LOG_LEVELS } from '../../foundation/index.ts'
import type { Daemon } from '../../server/index.ts'
import { type Interruption, listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { counted, spanText } from '../output/phrases.ts'
import { table } from '../output/table.ts'

/** What runs may finish within this time; the rest is handed back. */
const DRAIN_MS = 10_000
/** How long the end may wait to learn what is under way. */
const ASK_MS = 1_000

export const upCommand: CommandHandler = async (invocation) => {
  const { flags, io } = invocation
  const port = flags.integer('port', 0, 65_535)
  const publicUrl = publicUrlOf(flags.text('public-url'))
  const home = flags.text('home')
  const logLevel = LOG_LEVELS.find((known) => known === flags.text('log-level'))
  const interruption = listenForInterrupt(io)
  try {
    const daemon = await io.openDaemon({
      env: io.env,
      ...(home === undefined ? {} : { home }),
      ...(port === undefined ? {} : { port }),
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(logLevel === undefined ? {} : { logLevel }),
    })
    await serve(invocation, daemon, interruption)
    return interruption.exitCode ?? 0
  } finally {
    interruption.end()
  }
}

function publicUrlOf(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)?$/.test(text)) return text
  throw new FabricError('IF_ERR_USAGE', `--public-url ${JSON.stringify(text)} is no address`, {
    hint: 'Expected https://host, with a port and a path where the proxy has them.',
  })
}

async function serve(invocation: Invocation, daemon: Daemon, interruption: Interruption): Promise<void> {
  const { console, io } = invocation
  showUp(invocation, daemon)
  const hasEnded = await Promise.race([daemon.closed.then(() => true), aborted(interruption.stop).then(() => false)])
  if (!hasEnded) {
    interruption.abort.addEventListener('abort', () => io.exitNow(interruption.exitCode ?? 130), { once: true })
    const busy = await underWay(invocation, daemon)
    console.event({ event: 'stopping', signal: interruption.exitCode === 143 ? 'SIGTERM' : 'SIGINT', ...busy }, '')
    console.note(`stopping: ${busyText(busy)}; Ctrl-C again ends at once`)
    await daemon.close({ withinMs: DRAIN_MS })
  }
  console.event({ event: 'down' }, '')
  console.note(`down · ${daemon.home} is at rest, nothing is lost`)
}

interface Busy {
  tasks: number
  runs: number
}

/** What the daemon is about, asked like anybody asks; undefined where it does not say so at once. */
async function underWay({ io }: Invocation, { socket }: Daemon): Promise<Busy | undefined> {
  const limit = AbortSignal.timeout(ASK_MS)
  const asked = async (): Promise<Busy> => {
    const fabric = await io.openFabric({ url: `unix:${socket}`, env: io.env })
    try {
      const { running } = await (await fabric.coordinator()).stats()
      return { tasks: running, runs: (await fabric.runs({ state: 'running' })).length }
    } finally {
      await fabric.close()
    }
  }
  return Promise.race([asked(), aborted(limit).then(() => undefined)]).catch(() => undefined) // then nobody knows
}

function busyText(busy: Busy | undefined): string {
  if (!busy) return `what is under way has ${spanText(DRAIN_MS)} to end`
  if (busy.tasks + busy.runs === 0) return 'nothing is under way'
  const parts = [busy.tasks > 0 && counted(busy.tasks, 'task'), busy.runs > 0 && counted(busy.runs, 'run')]
  const what = parts.filter((part) => part !== false).join(' and ')
  return `waiting up to ${spanText(DRAIN_MS)} for ${what}, then tasks are handed back`
}

function showUp({ console }: Invocation, { home, socket, url, pid }: Daemon): void {
  const places = table(
    [
      ['home', home],
      ['socket', `${socket}    yours: the command uses it by itself`],
      ['url', `${url}    for whoever has a token`],
    ],
    '  ',
  )
  console.event({ event: 'up', home, socket, url, pid }, `${console.out.good('✓')} up · pid ${pid}\n${places}`)
  console.note(
    'Next, in another terminal: ifab coordinator status    Let somebody in: ifab token create --actor if://agent/NAME    Ctrl-C ends',
  )
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
