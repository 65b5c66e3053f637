// Tells people what waits for them or burns, through the channels of the escalation: a plan that needs an approval, an
// error budget that is being used up. Nobody waits for it but the end of the fabric, and what can't be told is in the log.
import { isFabricError, shortId, timestamp } from '../foundation/index.ts'
import { type BurnNews, channelName, type Notice, type Notify } from '../governor/index.ts'
import type { ApprovalRecord } from '../guard/index.ts'
import type { HomeParts } from './compose.ts'
import { GOVERNOR } from './escalations.ts'

export interface Announcer {
  tell(record: ApprovalRecord): void
  burn(news: BurnNews): void
  /** Waits for what is under way, a while. */
  end(): Promise<void>
}

const LIMIT_MS = 10_000

export function openAnnouncer({ config, logger, store, clock }: HomeParts, notify: Notify): Announcer {
  const underWay = new Set<Promise<unknown>>()
  const follow = (telling: Promise<unknown>): void => {
    const followed = telling.finally(() => underWay.delete(followed))
    underWay.add(followed)
  }

  function announce(notice: Notice, what: string): void {
    for (const channel of config.escalation.channels) {
      const telling = notify(channel, notice, { signal: AbortSignal.timeout(LIMIT_MS) })
      follow(
        telling.catch((thrown: unknown) => {
          const reason = isFabricError(thrown) ? `${thrown.code}: ${thrown.message}` : String(thrown)
          logger.warn(`nobody could be told ${what}`, { notice: notice.key, channel: channelName(channel), reason })
        }),
      )
    }
  }

  return {
    tell(record) {
      // By the governor it can't be told by what needs it itself.
      if (record.requestedBy !== GOVERNOR) announce(noticeOf(record), 'that a plan waits for an approval')
    },
    burn(news) {
      const text = burnText(news)
      logger.warn(text)
      const at = timestamp(clock.now())
      const { kind, name, state, alert } = news
      const { objective, severity, since } = alert
      const detail = { of: kind, name, state, objective, severity, since }
      follow(
        store
          .commit([], [{ kind: 'slo.burn', at, actor: GOVERNOR, session: 'governor', detail }])
          .catch((thrown: unknown) => {
            logger.warn('an alarm is not in the log', { reason: String(thrown) })
          }),
      )
      const key = `slo-${kind}-${name}-${objective}-${severity}-${since}-${state}`
      announce({ key, reminder: 0, text, facts: { ...detail, kind: 'slo.burn' } }, 'that an error budget burns')
    },
    end: async () => void (await Promise.all(underWay)),
  }
}

function burnText({ kind, name, state, alert: { objective, severity, longRate, long } }: BurnNews): string {
  const what = objective === 'availability' ? 'availability' : 'success rate'
  if (state === 'ended') return `The error budget of ${kind} ${name} (${what}) burns no more.`
  const words = `${longRate.toFixed(1)} times as fast as it may over ${long}`
  const look = `Look at it with: ifab chassis performance ${name}`
  return `The error budget of ${kind} ${name} (${what}) burns ${words} (${severity}). ${look}`
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
