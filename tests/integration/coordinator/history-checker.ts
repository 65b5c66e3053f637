// Judges what workers saw. Each worker writes down what it was answered, with the time of the host's monotonic clock; the
// checker knows nothing of how the coordinator works, only what it promises: one live claim a task, older tokens refused,
// nothing lost that was answered, no guarded effect twice.

/** Microseconds of a clock that all observers share. */
type Moment = number

export type Observation =
  | { kind: 'added'; task: string }
  | { kind: 'claimed'; task: string; token: number; holder: string; at: Moment }
  /** A completion that was accepted: when it was asked for, and when it was answered. */
  | { kind: 'completed'; task: string; token: number; asked: Moment; at: Moment }
  /** An answer to whether a claim still stands. */
  | { kind: 'current'; task: string; token: number; asked: Moment; answer: boolean }
  /** A guarded effect that was let through, in the order that the guarded thing gives. */
  | { kind: 'effect'; task: string; token: number; order: number }

/** A task as it stood in the end. */
export interface EndState {
  state: string
  token: number
  /** The token that completed it, by its own result. */
  completedBy: number | undefined
}

/** What was promised and didn't hold; empty when all is well. `end` has every task that the coordinator knows. */
export function violationsOf(observations: readonly Observation[], end: ReadonlyMap<string, EndState>): string[] {
  const byTask = new Map<string, Observation[]>()
  for (const observation of observations) {
    const known = byTask.get(observation.task)
    if (known) known.push(observation)
    else byTask.set(observation.task, [observation])
  }
  return [...byTask].flatMap(([task, seen]) =>
    [doubleClaims, endsOf, staleAnswers, effects].flatMap((rule) =>
      rule(seen, end.get(task)).map((what) => `${task}: ${what}`),
    ),
  )
}

type Rule = (seen: readonly Observation[], end: EndState | undefined) => string[]

const ofKind = <K extends Observation['kind']>(seen: readonly Observation[], kind: K) =>
  seen.filter((observation): observation is Extract<Observation, { kind: K }> => observation.kind === kind)

/** A token belongs to one claim, and later claims have greater ones. */
const doubleClaims: Rule = (seen) => {
  const found: string[] = []
  const claims = ofKind(seen, 'claimed').sort((a, b) => a.token - b.token || a.at - b.at)
  for (const [place, claim] of claims.entries()) {
    const before = claims[place - 1]
    if (before?.token === claim.token && before.holder !== claim.holder) {
      found.push(`token ${claim.token} was given to ${before.holder} and to ${claim.holder}`)
    }
  }
  return found
}

/** Nothing that was answered is lost; the one completion has the newest token, and nobody claims afterwards. */
const endsOf: Rule = (seen, end) => {
  const found: string[] = []
  if (!end) return seen.some(({ kind }) => kind !== 'effect') ? ['is lost: it was answered, and is not there'] : []
  if (end.state !== 'done') found.push(`is ${end.state} in the end`)
  const completions = ofKind(seen, 'completed')
  const tokens = new Set(completions.map(({ token }) => token))
  if (tokens.size > 1) found.push(`was completed with the tokens ${[...tokens].join(' and ')}`)
  for (const { token, asked } of completions) {
    if (end.state === 'done' && end.completedBy !== token) {
      found.push(`the completion with token ${token} was answered, but the one with ${end.completedBy} is kept`)
    }
    for (const claim of ofKind(seen, 'claimed')) {
      if (claim.token > token && claim.at < asked) {
        found.push(`was completed with token ${token} after ${claim.holder} had token ${claim.token}`)
      } else if (claim.token > token)
        found.push(`was claimed with token ${claim.token} after its completion with ${token}`)
    }
  }
  if (end.completedBy !== undefined && end.completedBy !== end.token) {
    found.push(`was completed with token ${end.completedBy}, but ${end.token} had been given`)
  }
  return found
}

/** Who asks after another has got a newer token is told no. */
const staleAnswers: Rule = (seen) => {
  const claims = ofKind(seen, 'claimed')
  return ofKind(seen, 'current').flatMap(({ token, asked, answer }) =>
    claims
      .filter((claim) => answer && claim.token > token && claim.at < asked)
      .map((claim) => `token ${token} was called current after ${claim.holder} had token ${claim.token}`),
  )
}

/** Once a token, and never an older after a newer. */
const effects: Rule = (seen) => {
  const inOrder = ofKind(seen, 'effect').sort((a, b) => a.order - b.order)
  return inOrder.flatMap(({ token }, place) => {
    const before = inOrder[place - 1]?.token
    if (before === undefined || before < token) return []
    return [
      before === token
        ? `an effect happened twice with token ${token}`
        : `an effect with token ${token} came after ${before}`,
    ]
  })
}

/** Microseconds of the clock that all processes of a host share. */
export const moment = (): Moment => Number(process.hrtime.bigint() / 1_000n)
