// What every store engine promises, as one suite: each engine is a row of the table in store.test.ts.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonValue } from '../../../src/foundation/index.ts'
import { type Change, keyOf, type LogEntry, prefixOf, type Sequencer, type Store } from '../../../src/store/index.ts'

export interface Engine {
  name: string
  open: (options: { sequencer?: Sequencer }) => Promise<Store>
}

/** Numbers its lines and seals them with a word: enough to see what the store does with a sequencer. */
export function countingSequencer(): Sequencer & { seals: [seal: string, size: number][]; calls: number } {
  return {
    seals: [],
    calls: 0,
    check(entries) {
      if (entries.some((entry) => 'bad' in entry)) throw new Error('this entry is bad')
    },
    seal(head, entries) {
      this.calls++
      const size = typeof head === 'number' ? head : 0
      const lines = entries.map((entry, at) => JSON.stringify({ seq: size + at, ...entry }))
      return { lines, head: size + lines.length, seal: `seal of ${size + lines.length}` }
    },
    sealed(seal, size) {
      this.seals.push([seal, size])
    },
  }
}

export function describeStore({ name, open }: Engine): void {
  describe(`${name} engine`, () => {
    let store: Store
    let sequencer: ReturnType<typeof countingSequencer>

    beforeEach(async () => {
      sequencer = countingSequencer()
      store = await open({ sequencer })
    })
    afterEach(() => store.close())

    const put = async (key: string, value: JsonValue) => {
      const { revisions } = await store.commit([{ key, value, expect: 'any' }])
      return revisions[0] ?? 0
    }

    describe('records', () => {
      test('gives back what was written, with its revision', async () => {
        const revision = await put('a', { text: 'ä\n\t"', list: [1, null, true] })

        expect(await store.get('a')).toEqual({ key: 'a', value: { text: 'ä\n\t"', list: [1, null, true] }, revision })
      })

      test('answers undefined for a key that was never written', async () => {
        expect(await store.get('nothing')).toBeUndefined()
      })

      test('keeps its own copy: neither the written nor the read object reaches into the store', async () => {
        const value = { list: [1] }
        const committing = store.commit([{ key: 'a', value, expect: 'absent' }])
        value.list.push(2)
        await committing

        const first = await store.get<{ list: number[] }>('a')
        first?.value.list.push(3)

        expect((await store.get('a'))?.value).toEqual({ list: [1] })
      })

      test('gives each write of a key a greater revision, also across deletions', async () => {
        const first = await put('a', 1)
        const second = await put('a', 2)
        const deleted = await store.commit([{ key: 'a', value: undefined, expect: second }])
        const third = await put('a', 3)

        expect(deleted.revisions).toEqual([0])
        expect(second).toBeGreaterThan(first)
        expect(third).toBeGreaterThan(second)
      })

      test('forgets a deleted key', async () => {
        await put('a', 1)

        await store.commit([{ key: 'a', value: undefined, expect: 'any' }])

        expect(await store.get('a')).toBeUndefined()
        expect(await store.range('')).toEqual([])
      })

      test.each([
        ['an empty key', { key: '', value: 1 }],
        ['a key with a line break', { key: 'a\nb', value: 1 }],
        ['a key with a lone surrogate', { key: '\ud800', value: 1 }],
        ['a value without JSON form', { key: 'a', value: (() => 1) as unknown as JsonValue }],
      ])('refuses %s', async (_, write) => {
        await expect(store.commit([{ ...write, expect: 'any' }])).rejects.toMatchObject({ code: 'IF_ERR_INTERNAL' })
      })

      test('does nothing for a commit without writes', async () => {
        expect(await store.commit([])).toEqual({ revisions: [], sequences: [] })
      })
    })

    describe('compare-and-swap', () => {
      test('writes where the expectation holds', async () => {
        const { revisions } = await store.commit([{ key: 'a', value: 1, expect: 'absent' }])

        await store.commit([{ key: 'a', value: 2, expect: revisions[0] ?? 0 }])

        expect((await store.get('a'))?.value).toBe(2)
      })

      test.each([
        ['present though expected absent', 'absent' as const],
        ['at another revision', 999_999],
      ])('rejects with the current revision when the key is %s', async (_, expectation) => {
        const revision = await put('a', 1)

        const committing = store.commit([{ key: 'a', value: 2, expect: expectation }])

        await expect(committing).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT', details: { key: 'a', revision } })
        expect((await store.get('a'))?.value).toBe(1)
      })

      test('rejects with revision 0 when the key is absent though a revision was expected', async () => {
        await expect(store.commit([{ key: 'a', value: 2, expect: 7 }])).rejects.toMatchObject({
          code: 'IF_ERR_CONFLICT',
          details: { key: 'a', revision: 0 },
        })
      })

      test('never accepts the revision of a record that was deleted and made again', async () => {
        const old = await put('a', 1)
        await store.commit([{ key: 'a', value: undefined, expect: old }])
        await put('a', 1)

        await expect(store.commit([{ key: 'a', value: 2, expect: old }])).rejects.toMatchObject({
          code: 'IF_ERR_CONFLICT',
        })
      })

      test('applies nothing of a commit of which one expectation fails', async () => {
        await put('b', 1)

        const committing = store.commit([
          { key: 'a', value: 1, expect: 'absent' },
          { key: 'b', value: 2, expect: 'absent' },
        ])

        await expect(committing).rejects.toMatchObject({ details: { key: 'b' } })
        expect(await store.get('a')).toBeUndefined()
      })

      test('lets the later commits of one turn see the earlier ones, and rejects only those that conflict', async () => {
        const outcomes = await Promise.allSettled([
          store.commit([{ key: 'a', value: 1, expect: 'absent' }]),
          store.commit([{ key: 'a', value: 2, expect: 'absent' }]),
          store.commit([{ key: 'b', value: 3, expect: 'absent' }]),
          store.commit([{ key: 'a', value: undefined, expect: 'any' }]),
          store.commit([{ key: 'a', value: 4, expect: 'absent' }]),
        ])

        expect(outcomes.map((outcome) => outcome.status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'fulfilled',
          'fulfilled',
        ])
        expect((await store.range('')).map(({ key, value }) => [key, value])).toEqual([
          ['a', 4],
          ['b', 3],
        ])
      })

      test('judges what follows a refused commit by what was there before it', async () => {
        await put('b', 0)

        const outcomes = await Promise.allSettled([
          store.commit([{ key: 'a', value: 1, expect: 'absent' }]),
          store.commit([
            { key: 'a', value: 2, expect: 'any' },
            { key: 'c', value: 2, expect: 'absent' },
            { key: 'b', value: 2, expect: 'absent' },
          ]),
          store.commit([{ key: 'c', value: 3, expect: 'absent' }]),
          store.commit([
            { key: 'a', value: 4, expect: 'any' },
            { key: 'a', value: 5, expect: 'mine' },
          ]),
        ])

        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
        const found = await store.range('')
        expect(found.map(({ key, value }) => [key, value])).toEqual([
          ['a', 5],
          ['b', 0],
          ['c', 3],
        ])
        expect(new Set(found.map(({ revision }) => revision)).size).toBe(3)
      })

      test('lets exactly one of a hundred racing swaps through', async () => {
        const revision = await put('a', 0)

        const outcomes = await Promise.allSettled(
          Array.from({ length: 100 }, (_, racer) => store.commit([{ key: 'a', value: racer, expect: revision }])),
        )

        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
      })

      test("takes 'mine' for the revision that the same commit gave the key", async () => {
        const { revisions } = await store.commit([
          { key: 'a', value: 1, expect: 'absent' },
          { key: 'b', value: 1, expect: 'absent' },
          { key: 'a', value: 2, expect: 'mine' },
        ])

        expect(await store.get('a')).toEqual({ key: 'a', value: 2, revision: revisions[2] })
      })

      test("refuses 'mine' for a key that the commit has not written", async () => {
        await expect(store.commit([{ key: 'a', value: 2, expect: 'mine' }])).rejects.toMatchObject({
          code: 'IF_ERR_INTERNAL',
        })
      })
    })

    describe('ranges', () => {
      test('lists a prefix in key order and nothing else', async () => {
        for (const key of ['b/2', 'a/1', 'b/1', 'b', 'b0', 'c/1']) await put(key, key)

        expect((await store.range('b/')).map(({ key }) => key)).toEqual(['b/1', 'b/2'])
        expect((await store.range('')).map(({ key }) => key)).toEqual(['a/1', 'b', 'b/1', 'b/2', 'b0', 'c/1'])
        expect(await store.range('d')).toEqual([])
      })

      test('lists from the end and stops at the limit', async () => {
        for (let at = 0; at < 9; at++) await put(`k/${at}`, at)

        expect((await store.range('k/', { limit: 2 })).map(({ value }) => value)).toEqual([0, 1])
        expect((await store.range('k/', { limit: 2, reverse: true })).map(({ value }) => value)).toEqual([8, 7])
        expect(await store.range('k/', { limit: 0 })).toEqual([])
      })

      test('keeps names apart that hold the separator, thanks to encoded segments', async () => {
        await put(keyOf('task', 'a/b'), 1)
        await put(keyOf('task', 'a', 'b'), 2)

        expect((await store.range(prefixOf('task', 'a'))).map(({ value }) => value)).toEqual([2])
      })

      test('agrees with a plain model over any sequence of commits', async () => {
        const key = fc.constantFrom('a', 'a/', 'a/1', 'a/2', 'a0', 'b', 'b/ü', 'c')
        const write = fc.record({
          key,
          value: fc.option(fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<JsonValue>, { nil: undefined }),
          expect: fc.constantFrom('absent', 'any', 'current', 'stale'),
        })
        const commits = fc.array(fc.array(write, { minLength: 1, maxLength: 3 }), { maxLength: 12 })
        await fc.assert(
          fc.asyncProperty(commits, async (plan) => {
            const leftovers = await store.range('')
            await store.commit(leftovers.map(({ key }) => ({ key, value: undefined, expect: 'any' })))
            const model = new Map<string, { value: JsonValue; revision: number }>()
            for (const writes of plan) {
              const before = new Map(model)
              const present = (key: string) => before.get(key)?.revision
              const meant = writes.map(({ key, value, expect }) => ({
                key,
                value: value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as JsonValue),
                expect: expect === 'current' ? (present(key) ?? 'absent') : expect === 'stale' ? 1e9 : expect,
              })) as { key: string; value: JsonValue | undefined; expect: number | 'absent' | 'any' }[]
              const live = new Map([...before].map(([key, { revision }]) => [key, revision as number | 'new']))
              const isAccepted = meant.every(({ key, value, expect }) => {
                const now = live.get(key)
                const holds = expect === 'any' || (expect === 'absent' ? now === undefined : now === expect)
                if (value === undefined) live.delete(key)
                else live.set(key, 'new')
                return holds
              })
              const outcome = await store.commit(meant).catch(() => undefined)
              expect(outcome !== undefined).toBe(isAccepted)
              outcome?.revisions.forEach((revision, at) => {
                const { key, value } = meant[at] ?? { key: '', value: undefined }
                if (value === undefined) model.delete(key)
                else model.set(key, { value, revision })
              })
            }
            const expected = [...model]
              .map(([key, record]) => ({ key, ...record }))
              .sort((a, b) => (a.key < b.key ? -1 : 1))
            expect(await store.range('')).toEqual(expected)
            expect(await store.range('a/', { reverse: true })).toEqual(
              expected.filter(({ key }) => key.startsWith('a/')).reverse(),
            )
          }),
          { numRuns: 30, seed: 7 },
        )
      })
    })

    describe('watches', () => {
      const take = async (changes: AsyncIterator<Change>, count: number) => {
        const taken: Change[] = []
        while (taken.length < count) {
          const { done, value } = await changes.next()
          if (done) break
          taken.push(value)
        }
        return taken
      }

      test('tells of writes and deletions under the prefix, from the watch on', async () => {
        await put('a/0', 0)
        const changes = store.watch('a/')[Symbol.asyncIterator]()

        const first = await put('a/1', 1)
        await put('b/1', 1)
        await take(changes, 1).then((taken) => expect(taken).toEqual([{ key: 'a/1', value: 1, revision: first }]))
        await store.commit([{ key: 'a/0', value: undefined, expect: 'any' }])

        expect(await take(changes, 1)).toMatchObject([{ key: 'a/0', value: undefined }])
      })

      test('keeps only the latest value per key for a slow watcher', async () => {
        const changes = store.watch('')[Symbol.asyncIterator]()

        for (let count = 1; count <= 20; count++) await put('a', count)
        await put('b', 1)

        expect((await take(changes, 2)).map(({ key, value }) => [key, value])).toEqual([
          ['a', 20],
          ['b', 1],
        ])
      })

      test('never tells an older value after a newer one', async () => {
        const changes = store.watch('a')[Symbol.asyncIterator]()
        const writing = (async () => {
          for (let count = 1; count <= 30; count++) await put('a', count)
        })()

        let last = 0
        while (last < 30) {
          const [change] = await take(changes, 1)
          expect(change?.value).toBeGreaterThan(last)
          last = change?.value as number
        }

        await writing
      })

      test('ends when its signal aborts', async () => {
        const abort = new AbortController()
        const changes = store.watch('', { signal: abort.signal })[Symbol.asyncIterator]()
        const waiting = changes.next()

        abort.abort()

        expect((await waiting).done).toBe(true)
        expect((await store.watch('', { signal: abort.signal })[Symbol.asyncIterator]().next()).done).toBe(true)
      })

      test('ends when the store closes, after what was not taken yet', async () => {
        const changes = store.watch('')[Symbol.asyncIterator]()
        await put('a', 1)

        await store.close()

        expect((await take(changes, 5)).map(({ key }) => key)).toEqual(['a'])
      })

      test('tells nobody what it did itself, and everybody else', async () => {
        const me = {}
        const mine = store.watch('', { notBy: me })[Symbol.asyncIterator]()
        const others = store.watch('')[Symbol.asyncIterator]()

        await Promise.all([
          store.commit([{ key: 'a', value: 'mine', expect: 'any' }], [], { by: me }),
          store.commit([{ key: 'b', value: 'theirs', expect: 'any' }], [], { by: {} }),
          store.commit([{ key: 'c', value: 'nobody’s', expect: 'any' }]),
        ])

        expect((await take(mine, 2)).map(({ key }) => key)).toEqual(['b', 'c'])
        expect((await take(others, 3)).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
      })

      test('serves many watchers of one prefix and forgets those that left', async () => {
        const watches = Array.from({ length: 5 }, () => store.watch('a/')[Symbol.asyncIterator]())
        await watches[0]?.return?.()

        await put('a/1', 1)

        const taken = await Promise.all(watches.slice(1).map((changes) => take(changes, 1)))
        expect(taken.flat()).toHaveLength(4)
        expect((await watches[0]?.next())?.done).toBe(true)
      })
    })

    describe('log', () => {
      const lines = async (from?: number) => {
        const all: LogEntry[] = []
        for await (const batch of store.readLog(from)) all.push(...batch.lines.map((line) => JSON.parse(line)))
        return all
      }

      test('numbers entries without gaps in the order of the commits, sealing once a batch', async () => {
        const results = await Promise.all([
          store.commit([{ key: 'a', value: 1, expect: 'absent' }], [{ n: 1 }, { n: 2 }]),
          store.commit([], [{ n: 3 }]),
          store.commit([{ key: 'b', value: 1, expect: 'absent' }]),
        ])
        const later = await store.commit([], [{ n: 4 }])

        expect(results.map(({ sequences }) => sequences)).toEqual([[0, 1], [2], []])
        expect(later.sequences).toEqual([3])
        expect(sequencer.calls).toBe(2)
        expect(sequencer.seals).toEqual([
          ['seal of 3', 3],
          ['seal of 4', 4],
        ])
        expect(await store.logHead()).toBe(4)
        expect(await lines()).toEqual([1, 2, 3, 4].map((n, seq) => ({ seq, n })))
      })

      test('leaves out the entries of a commit that conflicts', async () => {
        await put('a', 1)

        const [conflicting, other] = await Promise.allSettled([
          store.commit([{ key: 'a', value: 2, expect: 'absent' }], [{ n: 1 }]),
          store.commit([], [{ n: 2 }]),
        ])

        expect(conflicting.status).toBe('rejected')
        expect(other).toMatchObject({ value: { sequences: [0] } })
        expect(await lines()).toEqual([{ seq: 0, n: 2 }])
      })

      test('rejects only the commit whose entry cannot be sealed', async () => {
        const [bad, good] = await Promise.allSettled([
          store.commit([{ key: 'a', value: 1, expect: 'any' }], [{ bad: true }]),
          store.commit([{ key: 'b', value: 1, expect: 'any' }], [{ n: 1 }]),
        ])

        expect(bad.status).toBe('rejected')
        expect(good.status).toBe('fulfilled')
        expect(await store.get('a')).toBeUndefined()
      })

      test('reads from a number on, beginning with the batch that holds it', async () => {
        for (let batch = 0; batch < 40; batch++) await store.commit([], [{ batch }, { batch }])

        const found: number[] = []
        for await (const { first } of store.readLog(61)) found.push(first)

        expect(found).toEqual([60, 62, 64, 66, 68, 70, 72, 74, 76, 78])
        expect(await lines(80)).toEqual([])
        expect(await lines(0)).toHaveLength(80)
      })

      test('applies nothing when sealing fails, and goes on afterwards', async () => {
        const { seal } = sequencer
        sequencer.seal = () => {
          throw new Error('no ink')
        }
        await expect(store.commit([{ key: 'a', value: 1, expect: 'any' }], [{ n: 1 }])).rejects.toThrow('no ink')
        sequencer.seal = seal

        expect(await store.get('a')).toBeUndefined()
        expect((await store.commit([{ key: 'a', value: 1, expect: 'absent' }], [{ n: 1 }])).sequences).toEqual([0])
      })

      test('refuses entries when it was opened without a sequencer', async () => {
        const mute = await open({})

        await expect(mute.commit([], [{ n: 1 }])).rejects.toMatchObject({ code: 'IF_ERR_INTERNAL' })
        expect(await mute.logHead()).toBeUndefined()

        await mute.close()
      })
    })

    describe('closing', () => {
      test('finishes the commits that were handed in, and refuses later ones', async () => {
        const committing = store.commit([{ key: 'a', value: 1, expect: 'absent' }])

        const closing = store.close()

        await expect(store.commit([])).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
        await expect(store.get('a')).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
        expect((await committing).revisions).toHaveLength(1)
        await closing
      })

      test('may be closed twice', async () => {
        await Promise.all([store.close(), store.close()])
      })
    })

    test('says what it promises', () => {
      expect(store.capabilities).toMatchObject({ engine: name.split(' ').at(-1), atomic: true })
    })
  })
}
