// What a session has touched, as a table and as the one line of --explain.
import type { TouchedView } from '../../guard/index.ts'
import type { Plan } from '../../runs/index.ts'
import type { Colours } from './colours.ts'
import { agoText } from './phrases.ts'
import { table } from './table.ts'

type Touched = TouchedView['private'][number]

const LEGS = ['private', 'untrusted'] as const

/** Rows of both legs, oldest first; nothing where nothing was touched. */
export const touchedTable = (view: TouchedView, paint: Colours, now: number): string =>
  table(
    LEGS.flatMap((leg) =>
      view[leg].map((touched) => [
        paint.warn(leg),
        seqText(touched),
        touched.instance,
        touched.operation,
        agoText(touched.at, now),
        `session ${touched.session}`,
        touched.actor ?? '',
      ]),
    ),
  )

/** `private yes (slack message.list #1031) · untrusted no → no sequence of this session is complete`. */
export function sequenceText(view: TouchedView, reasons: Plan['verdict']['reasons']): string {
  const legs = LEGS.map((leg) => {
    const [first] = view[leg]
    return first ? `${leg} yes (${[first.instance, first.operation, seqText(first)].join(' ').trim()})` : `${leg} no`
  })
  const rule = reasons.find(({ rule }) => isSequenceRule(rule))
  if (rule)
    return `${[...legs, 'outward yes'].join(' · ')} → ${rule.rule} ${rule.decision === 'ask' ? 'asks' : 'forbids'}`
  const isClear = view.private.length === 0 || view.untrusted.length === 0
  return `${legs.join(' · ')} → ${isClear ? 'clear' : 'no rule about sequences decided'}`
}

/** The shipped policy about sequences, and rules that are named for it. */
export const isSequenceRule = (rule: string): boolean => rule === 'three-legs' || /^sequence(\/|$)/.test(rule)

/** Not known for a moment, until its entry in the log is. */
const seqText = ({ seq }: Touched): string => (seq < 0 ? '' : `#${seq}`)
