// Which record a command line means: its id, a unique piece of it, or `last`.
import { didYouMean, FabricError } from '../../foundation/index.ts'

export interface Pickable<T> {
  /** Oldest first. */
  records: readonly T[]
  /** `escalation`, with its article in front: `an escalation`. */
  noun: string
  nameOf: (record: T) => string
  /** Whether it still matters; of several that fit, the one that does is meant. */
  isLive: (record: T) => boolean
  /** The command that lists them. */
  list: string
}

/** IF_ERR_NOT_FOUND where none fits, or several do. */
export function pickByPiece<T extends { id: string }>(reference: string, among: Pickable<T>): T {
  const { records, noun, nameOf, isLive, list } = among
  if (reference === 'last') {
    const newest = records.at(-1)
    if (newest) return newest
    throw new FabricError('IF_ERR_NOT_FOUND', `there is no ${noun} yet`, { next: list })
  }
  const wanted = reference.toLowerCase()
  const fitting = records.filter(({ id }) => wanted !== '' && id.toLowerCase().includes(wanted))
  const live = fitting.filter(isLive)
  const chosen =
    records.find(({ id }) => id === reference) ??
    (live.length === 1 ? live[0] : fitting.length === 1 ? fitting[0] : undefined)
  if (chosen) return chosen
  const [first, second] = live.length > 1 ? live : fitting
  if (first && second) {
    throw new FabricError('IF_ERR_NOT_FOUND', `${reference} names more than one ${noun}`, {
      hint: `${nameOf(first)} and ${nameOf(second)} are two of them: write more of the name.`,
      next: list,
    })
  }
  throw new FabricError('IF_ERR_NOT_FOUND', `there is no ${noun} ${JSON.stringify(reference)}`, {
    hint: didYouMean(reference, records.map(nameOf)) ?? `See what there is with \`${list}\`.`,
    next: list,
  })
}
