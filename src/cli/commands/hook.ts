// ifab hook list, show, tail, address: what vendors send by themselves.
import type { HookEventRecord } from '../../fabric/index.ts'
import { optional, shortId } from '../../foundation/index.ts'
import type { Flags } from '../flags.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler } from '../invocation.ts'
import { addressText } from '../output/hook-text.ts'
import { printableJson, printableLine } from '../output/printable.ts'
import { table } from '../output/table.ts'

const filterOf = (flags: Flags) => ({
  ...optional('instance', flags.text('instance')),
  ...optional('type', flags.text('type')),
})

export const hookListCommand: CommandHandler = async ({ fabric, flags, console }) => {
  const sinceMs = flags.duration('since')
  const limit = flags.count('limit')
  const opened = await fabric()
  const events = await opened.hookEvents({
    ...filterOf(flags),
    ...optional('sinceMs', sinceMs),
    ...optional('limit', limit),
  })
  console.result(events, events.length === 0 ? 'no events' : table(events.map(eventRow)))
  console.note(`Next: ${events.length === 0 ? 'ifab hook address' : 'ifab hook show last'}`)
}

export const hookShowCommand: CommandHandler = async ({ fabric, args, console }) => {
  const [reference = ''] = args // required by the command tree
  const event = await (await fabric()).hookEvent(reference)
  const { data, ...facts } = event
  const rows = Object.entries(facts).map(([name, value]) => [name, printableLine(String(value ?? 'not told'))])
  console.result(event, `${table(rows)}\n${printableJson(data)}`)
  console.note(`Next: ifab hook tail --instance ${event.instance}`)
}

export const hookTailCommand: CommandHandler = async ({ fabric, flags, io, console }) => {
  const opened = await fabric()
  const interruption = listenForInterrupt(io)
  // Waiting for what another process keeps holds no process by itself.
  const waiting = setInterval(() => {}, 60_000)
  try {
    const events = opened.watchHookEvents({
      ...filterOf(flags),
      ...optional('after', flags.text('after')),
      signal: interruption.stop,
    })
    if (opened.way.kind === 'home') console.note('no daemon serves this home, so nothing comes in    Next: ifab up')
    for await (const event of events) console.event(event, eventRow(event).join('  '))
    return interruption.exitCode ?? 0
  } finally {
    clearInterval(waiting)
    interruption.end()
  }
}

export const hookAddressCommand: CommandHandler = async ({ fabric, args, console }) => {
  const [instance] = args
  const addresses = await (await fabric()).hookAddresses(instance)
  console.result(addresses, addresses.length === 0 ? 'no instance has webhooks' : addresses.map(addressText).join('\n'))
  const lacking = addresses.find(({ missing }) => missing.length > 0)
  if (lacking) console.note(`Next: ifab secret set ${lacking.instance} ${lacking.missing[0]}`)
  else
    console.note(
      `Next: ${addresses.some(({ url }) => url === null) ? 'ifab up --public-url https://…' : 'ifab hook tail'}`,
    )
}

const eventRow = ({ id, receivedAt, instance, type, event }: HookEventRecord): string[] => [
  shortId(id),
  receivedAt,
  instance,
  printableLine(type),
  printableLine(event),
]
