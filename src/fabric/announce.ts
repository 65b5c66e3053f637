// Tells people that a plan waits for them, through the channels of the escalation. Nobody waits for it but the end of the
// fabric, and what can't be told is in the log: the plan waits all the same.
import { isFabricError, shortId } from '../foundation/index.ts'
import { channelName, type Notify } from '../governor/index.ts'
import type { ApprovalRecord } from '../guard/index.ts'
import type { HomeParts } from './compose.ts'
import { GOVERNOR } from './escalations.ts'

export interface Announcer {
  tell(record: ApprovalRecord): void
  /** Waits for what is under way, a while. */
  end(): Promise<void>
}

const LIMIT_MS = 10_000

export function openAnnouncer({ config, logger }: HomeParts, notify: Notify): Announcer {
  const underWay = new Set<Promise<void>>()
  return {
    tell(record) {
      if (record.requestedBy === GOVERNOR) return // it can't be told by what needs it itself
      for (const channel of config.escalation.channels) {
        const telling = notify(channel, noticeOf(record), { signal: AbortSignal.timeout(LIMIT_MS) })
          .catch((thrown: unknown) => {
            const reason = isFabricError(thrown) ? `${thrown.code}: ${thrown.message}` : String(thrown)
            logger.warn('nobody could be told that a plan waits for an approval', {
              plan: shortId(record.plan),
              channel: channelName(channel),
              reason,
            })
          })
          .finally(() => underWay.delete(telling))
        underWay.add(telling)
      }
    },
    end: async () => void (await Promise.all(underWay)),
  }
}

function noticeOf({ plan, summary, requestedBy, expiresAt }: ApprovalRecord) {
  const id = shortId(plan)
  return {
    key: `approval-${plan}`,
    reminder: 0,
    text: `Plan ${id} waits for an approval: ${summary} (asked by ${requestedBy}). Grant it with: ifab approval grant ${id}`,
    facts: { kind: 'approval.request', plan, summary, requestedBy, expiresAt },
  }
}
