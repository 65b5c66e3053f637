// When to kill a process that works on a run: by the clock, or exactly between what the twin and the process know.
import type { Chance } from './chance.ts'
import type { Running } from './command.ts'
import type { Studio } from './studio.ts'

export type KillMoment =
  /** So long after its start. */
  | { kind: 'clock'; afterMs: number }
  /** So long after its first request. */
  | { kind: 'working'; afterMs: number }
  /** Its nth effectful request has left and not arrived; the wire then delivers or loses it. */
  | { kind: 'unsent'; nth: number; delivered: boolean }
  /** The twin has acted on its nth effectful request, and the answer has not arrived. */
  | { kind: 'unanswered'; nth: number }

export function drawMoment(chance: Chance): KillMoment {
  const kind = chance.pick(['clock', 'working', 'working', 'unsent', 'unanswered', 'unanswered'])
  switch (kind) {
    case 'clock':
      return { kind, afterMs: chance.between(0, 1_200) }
    case 'working':
      return { kind, afterMs: chance.between(0, 250) }
    case 'unsent':
      return { kind, nth: chance.between(1, 6), delivered: chance.next() < 0.5 }
    case 'unanswered':
      return { kind, nth: chance.between(1, 6) }
  }
}

/** Kills the process at the moment, if it lives to see it; call the returned function when it has ended. */
export function killAt(studio: Studio, running: Running, moment: KillMoment): () => void {
  const relays = Object.values(studio.relays)
  let timer: NodeJS.Timeout | undefined
  const after = (ms: number) => {
    timer ??= setTimeout(() => running.kill(), ms)
  }
  const dead = async () => {
    running.kill()
    await running.ended
  }
  let seen = 0
  if (moment.kind === 'clock') after(moment.afterMs)
  for (const relay of relays) {
    relay.setHooks({
      request: async (line) => {
        if (moment.kind === 'working') after(moment.afterMs)
        if (moment.kind !== 'unsent' || !isEffectful(line) || ++seen !== moment.nth) return
        await dead()
        if (!moment.delivered) throw new Error('lost on the wire')
      },
      answer: async (line) => {
        if (moment.kind === 'unanswered' && isEffectful(line) && ++seen === moment.nth) await dead()
      },
    })
  }
  return () => {
    clearTimeout(timer)
    for (const relay of relays) relay.setHooks({})
  }
}

const isEffectful = (line: string): boolean => !line.startsWith('GET ')
