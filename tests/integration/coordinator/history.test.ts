import { describe, expect, it } from 'vitest'
import type { Coordinator } from '../../../src/coordinator/index.ts'
import type { Store } from '../../../src/store/index.ts'
import type { Chance } from '../../support/chance.ts'
import { type EndState, type Observation, violationsOf } from './history-checker.ts'
import { type Broken, simulate } from './simulation.ts'

describe('coordinators whose clocks run, stand and jump', () => {
  it.each([1, 2, 3, 4, 5])('keep their promises, seed %i', async (seed) => {
    expect(await simulate(seed)).toEqual([])
  })
})

/** A store that differs in its commits. */
const storeWith = (store: Store, commit: Store['commit']): Store =>
  new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

const BROKEN: Record<string, { broken: Broken; finds: RegExp }> = {
  'never compares before it swaps': {
    broken: {
      store: (store) =>
        storeWith(store, (writes, log) =>
          store.commit(
            writes.map((write) => ({ ...write, expect: 'any' })),
            log,
          ),
        ),
    },
    finds: /was given to|was completed|was claimed/,
  },
  'ignores the token of a completion': {
    broken: { coordinator: (coordinator) => tokenBlind(coordinator) },
    finds: /was completed with|is kept/,
  },
  'calls every token current': {
    broken: {
      coordinator: (coordinator) => ({
        claim: coordinator.claim.bind(coordinator),
        complete: coordinator.complete.bind(coordinator),
        isCurrent: async () => true,
      }),
    },
    finds: /was called current/,
  },
  'answers before it has written': {
    broken: { store: (store, chance) => forgetful(store, chance) },
    finds: /is lost|is open|is claimed|was given to/,
  },
  'lets effects through without their tokens': { broken: { unguarded: true }, finds: /an effect/ },
}

function tokenBlind(coordinator: Coordinator): Pick<Coordinator, 'claim' | 'complete' | 'isCurrent'> {
  return {
    claim: coordinator.claim.bind(coordinator),
    isCurrent: coordinator.isCurrent.bind(coordinator),
    complete: async (task, _token, result) => {
      const { token } = await coordinator.get(task)
      return coordinator.complete(task, token, result)
    },
  }
}

/** Some commits are answered and nothing else. */
const forgetful = (store: Store, chance: Chance): Store =>
  storeWith(store, async (writes, log) => {
    const isForgotten = writes.length > 0 && chance.next() < 0.05
    return isForgotten ? { revisions: writes.map(() => 1_000_000), sequences: [] } : store.commit(writes, log)
  })

describe('the history checker catches a coordinator that', () => {
  it.each(Object.entries(BROKEN))('%s', async (_, { broken, finds }) => {
    const found: string[] = []
    for (let seed = 1; seed <= 5 && found.length === 0; seed++) found.push(...(await simulate(seed, { broken })))

    expect(found.join('\n')).toMatch(finds)
  })
})

describe('the history checker', () => {
  const done: EndState = { state: 'done', token: 2, completedBy: 2 }
  const first: Observation = { kind: 'claimed', task: 't', token: 1, holder: 'a', at: 10 }
  const second: Observation = { kind: 'claimed', task: 't', token: 2, holder: 'b', at: 20 }
  const completed: Observation = { kind: 'completed', task: 't', token: 2, asked: 30, at: 31 }
  const check = (observations: Observation[], end?: EndState) =>
    violationsOf(observations, new Map(end ? [['t', end]] : []))

  it('is content with a take-over', () => {
    expect(check([{ kind: 'added', task: 't' }, first, second, completed], done)).toEqual([])
  })

  it('lets an answer pass that was asked for before the take-over', () => {
    expect(
      check([first, { kind: 'current', task: 't', token: 1, asked: 15, answer: true }, second, completed], done),
    ).toEqual([])
  })

  it.each<[string, Observation[], EndState | undefined, RegExp]>([
    ['one token for two holders', [first, { ...first, holder: 'b' }], done, /token 1 was given to a and to b/],
    ['a task that is gone', [{ kind: 'added', task: 't' }], undefined, /is lost/],
    ['a task that nobody finishes', [first], { ...done, state: 'open' }, /is open in the end/],
    ['two completions', [{ ...completed, token: 1 }, completed], done, /with the tokens 1 and 2/],
    [
      'a completion by an older token',
      [first, second, { ...completed, token: 1 }],
      { ...done, completedBy: 1 },
      /after b had token 2/,
    ],
    [
      'a claim after the end',
      [
        { ...completed, token: 1 },
        { ...second, at: 40 },
      ],
      { ...done, completedBy: 1 },
      /was claimed with token 2/,
    ],
    ['a lost completion', [first, { ...completed, token: 1 }], done, /the one with 2 is kept/],
    [
      'a stale yes',
      [second, { kind: 'current', task: 't', token: 1, asked: 25, answer: true }],
      done,
      /token 1 was called current/,
    ],
    [
      'an effect that happens again',
      [
        { kind: 'effect', task: 't', token: 1, order: 1 },
        { kind: 'effect', task: 't', token: 1, order: 2 },
      ],
      done,
      /happened twice with token 1/,
    ],
    [
      'an effect of an older token after a newer',
      [
        { kind: 'effect', task: 't', token: 1, order: 2 },
        { kind: 'effect', task: 't', token: 2, order: 1 },
      ],
      done,
      /token 1 came after 2/,
    ],
  ])('catches %s', (_, observations, end, expected) => {
    expect(check(observations, end).join('\n')).toMatch(expected)
  })
})
