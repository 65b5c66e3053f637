// ifab twin up: serves twins on loopback until Ctrl-C. Their secrets are made up for this run and are worth nothing.

import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler } from '../invocation.ts'
import { table } from '../output/table.ts'

export const twinUpCommand: CommandHandler = async ({ fabric, args, flags, console, io }) => {
  const port = flags.count('port')
  const seed = flags.count('seed', 0)
  const specs = flags.text('specs')
  const interruption = listenForInterrupt(io)
  try {
    const served = await (await fabric({ way: 'home' })).serveTwins({
      providers: [...args],
      faults: flags.all('fault'),
      ...(port === undefined ? {} : { port }),
      ...(seed === undefined ? {} : { seed }),
      ...(specs === undefined ? {} : { specs }),
    })
    try {
      const twins = served.twins.map(({ provider, url, secrets }) => ({ provider, url, secrets }))
      const rows = twins.map(({ provider, url, secrets }) => [
        provider,
        url,
        Object.entries(secrets)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
      ])
      console.result({ twins }, table(rows))
      // Programs wait for this document before they go on.
      console.flush()
      console.note(`Next, in another terminal: ifab provider add ${twins[0]?.provider ?? 'ID'} --twin    Ctrl-C ends`)
      await stopped(interruption.stop)
    } finally {
      await served.close()
    }
    return interruption.exitCode ?? 0
  } finally {
    interruption.end()
  }
}

/** Resolves at the first signal; listening sockets keep the process alive until then. */
const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
