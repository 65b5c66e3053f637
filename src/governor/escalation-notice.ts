// One notice to people: the same on every channel, in words and as data. Each channel is tried for itself and for a
// limited time; what became of it is a value, as a channel that fails must not keep the others from being told.
import { type Clock, FabricError, isFabricError, type JsonObject, type Logger, shortId } from '../foundation/index.ts'
import { NOTICE_LIMIT_MS } from './escalation-next.ts'
import type { Channel, Notice, Notify } from './escalation-ports.ts'
import type { EscalationRecord, NoticeOutcome } from './escalation-record.ts'

/** What people are told at most of what an agent wrote. */
const LONGEST_DESCRIPTION = 500

export type Outcomes = { [channel: string]: NoticeOutcome }

/** Never rejects. */
export async function sendNotice(
  parts: { channels: readonly Channel[]; notify: Notify; clock: Clock; logger: Logger; signal: AbortSignal },
  record: EscalationRecord & { state: 'person' },
): Promise<Outcomes> {
  const { channels, logger } = parts
  const notice = noticeOf(record)
  const outcomes = await Promise.all(
    channels.map(async (channel): Promise<[string, NoticeOutcome]> => {
      try {
        await inTime(parts, (signal) => parts.notify(channel, notice, { signal }))
        return [channelName(channel), 'sent']
      } catch (thrown) {
        logger.warn('a person could not be told', { channel: channelName(channel), error: String(thrown) })
        return [channelName(channel), mayHaveArrived(thrown) ? 'unknown' : 'failed']
      }
    }),
  )
  return Object.fromEntries(outcomes)
}

/** What may be shown of a channel: the path of a webhook is often its secret. */
export function channelName(channel: Channel): string {
  if ('instance' in channel) return `${channel.instance} ${channel.to}`
  return `webhook ${new URL(channel.webhook).origin}`
}

export function noticeOf(record: EscalationRecord & { state: 'person' }): Notice {
  const { id, task, token, swarm, type, severity, needs, blockedAt, asked, because, notices } = record
  const description = record.description.slice(0, LONGEST_DESCRIPTION)
  const facts: JsonObject = {
    kind: 'escalation',
    escalation: id,
    task,
    token,
    swarm,
    type,
    severity,
    description,
    needs,
    blockedAt,
    because,
    asked: asked.map((one) => one.swarm),
    reminder: notices,
  }
  const head = notices === 0 ? '' : `Reminder ${notices}: `
  return {
    key: `${id}#${notices}`,
    reminder: notices,
    facts,
    text: [
      `${head}task ${shortId(task)} of swarm ${swarm} is stuck (${type}, ${severity}): ${description}`,
      because,
      `Look: ifab task show ${task} · let it go on: ifab task unblock ${task}`,
    ].join('\n'),
  }
}

async function inTime(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController()
  const ending = AbortSignal.any([signal, over.signal])
  const late = clock.sleep(NOTICE_LIMIT_MS, ending).then(() => {
    throw new FabricError('IF_ERR_TIMEOUT', `no answer within ${NOTICE_LIMIT_MS} ms`)
  })
  try {
    await Promise.race([work(ending), late])
  } finally {
    over.abort()
  }
}

/** Only an error that says that nothing was sent proves it; when this process ends meanwhile, nobody knows. */
function mayHaveArrived(thrown: unknown): boolean {
  if (!isFabricError(thrown)) return thrown instanceof Error && thrown.name === 'AbortError'
  return ['IF_ERR_OUTCOME_UNKNOWN', 'IF_ERR_TIMEOUT', 'IF_ERR_CANCELLED'].includes(thrown.code)
}
