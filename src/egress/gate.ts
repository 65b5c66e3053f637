// The gate of the door: what was let out may be stopped while it is under way. Nothing starts to leave once the gate is
// shut: a request that waits, connects or backs off ends at once, an open socket is cut. An answer to a request that has
// left already is still waited for, so that its outcome is known; no redirect and no further try follows it.
import { type FabricError, toFabricError } from '../foundation/index.ts'
import type { CallLimit } from './call-limit.ts'
import { withCallDetails } from './faults.ts'
import type { Gate, SendOptions, SocketOptions, Subject } from './port.ts'
import type { Streamed } from './send.ts'
import type { OpenSocket } from './socket.ts'

export interface GatedCalls {
  /** Makes one call with options that ask the gate before each try. */
  send<T>(options: SendOptions, limit: CallLimit, make: (options: SendOptions) => Promise<T>): Promise<T>
  /** The same; what flows is cut when the gate shuts. */
  stream(options: SendOptions, limit: CallLimit, make: (options: SendOptions) => Promise<Streamed>): Promise<Streamed>
  /** Opens a socket that asks before each message. */
  connect(options: SocketOptions, limit: CallLimit, open: () => Promise<OpenSocket>): Promise<OpenSocket>
  /** Hears of nothing any more. */
  close(): void
}

/** What to do with a call when the gate shuts for it. */
interface UnderWay {
  subject: Subject
  stop(error: FabricError): void
}

/** No gate lets everything pass. */
export function gateCalls(gate: Gate | undefined): GatedCalls {
  if (!gate) {
    return {
      send: (options, _limit, make) => make(options),
      stream: (options, _limit, make) => make(options),
      connect: (_options, _limit, open) => open(),
      close() {},
    }
  }
  const underWay = new Set<UnderWay>()

  const refusal = (subject: Subject): FabricError | undefined => {
    try {
      gate.check(subject)
      return undefined
    } catch (thrown) {
      return toFabricError(thrown)
    }
  }

  const mute = gate.onShut(() => {
    for (const { subject, stop } of [...underWay]) {
      const error = refusal(subject)
      if (error) stop(error)
    }
  })

  /** Refuses before even a name is looked up. */
  function enter(subject: Subject): void {
    const error = refusal(subject)
    if (error) throw withCallDetails(error, { departure: 'nothing-left', attempts: [] })
  }

  async function send<T>(
    options: SendOptions,
    limit: CallLimit,
    make: (options: SendOptions) => Promise<T>,
  ): Promise<T> {
    const subject = options.subject ?? NOBODY
    enter(subject)
    let hasLeft = false
    const call: UnderWay = {
      subject,
      stop(error) {
        if (!hasLeft) limit.stop(error)
      },
    }
    underWay.add(call)
    try {
      return await make({
        ...options,
        beforeSend() {
          gate?.check(subject)
          options.beforeSend?.()
          hasLeft = true
        },
        onAttempt(attempt) {
          hasLeft = false
          const error = attempt.retry.retry ? refusal(subject) : undefined
          if (error) limit.stop(error)
          options.onAttempt?.(attempt)
        },
      })
    } finally {
      underWay.delete(call)
    }
  }

  /** Cuts what is open when the gate shuts, or has shut while it opened. */
  function watch(subject: Subject, open: { closed: Promise<void>; cut(error: FabricError): void }): void {
    const call: UnderWay = { subject, stop: open.cut }
    underWay.add(call)
    const error = refusal(subject)
    if (error) open.cut(error)
    void open.closed.then(() => underWay.delete(call))
  }

  return {
    send,

    async stream(options, limit, make) {
      const streamed = await send(options, limit, make)
      if (streamed.kind === 'stream') watch(options.subject ?? NOBODY, streamed)
      return streamed
    },

    async connect(options, limit, open) {
      const subject = options.subject ?? NOBODY
      enter(subject)
      const call: UnderWay = { subject, stop: limit.stop }
      underWay.add(call)
      try {
        const socket = await open()
        watch(subject, socket)
        return {
          ...socket,
          send(message, slots) {
            gate.check(subject)
            socket.send(message, slots)
          },
        }
      } finally {
        underWay.delete(call)
      }
    },

    close: mute,
  }
}

/** A call that nobody is named for belongs to no instance: only what stops all stops it. */
const NOBODY: Subject = { instance: '' }
