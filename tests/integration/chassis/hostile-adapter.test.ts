// What an adapter's module says of itself, and what it answers, changed at random places into anything: the host believes
// what has its shape, refuses the rest with a code, and never trips over it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildRequest,
  type Instance,
  instanceSchema,
  type LoadedProvider,
  operationOf,
  parseInput,
  preparedFor,
} from '../../../src/adapter/index.ts'
import { definitionOf } from '../../../src/chassis/adapter/definition-of.ts'
import { manifestOf } from '../../../src/chassis/adapter/manifest-of.ts'
import { guestOf } from '../../../src/chassis/adapter/module-guest.ts'
import { type AdapterDescription, descriptionSchema } from '../../../src/chassis/module/description.ts'
import type { Chassis } from '../../../src/chassis/port.ts'
import { isFabricError, type JsonValue } from '../../../src/foundation/index.ts'
import { guestModule } from '../../support/guest-module.ts'
import { DESCRIPTION, describedAs, EXAMPLES, plan } from '../../unit/chassis/adapter/mail-adapter.ts'

const INSTANCE: Instance = instanceSchema.parse({ version: 1, name: 'mail', provider: 'acme-mail' })
const SEND = { to: 'bo@example.com', text: 'Hi' }

/** What a hostile answer would hold. */
const poison: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1e308,
    true,
    [],
    {},
    '/',
    '//evil.example',
    '/../../admin',
    '/a?b#c',
    '/%2e%2e/',
    '/{id}',
    '/{__proto__}',
    'http://169.254.169.254/',
    'https://api.acme.example@evil.example',
    '\r\nHost: evil.example',
    '\0',
    '__proto__',
    'constructor',
    'Authorization',
    'host',
    '{{ACME_TOKEN}}',
    '<secret:ACME_TOKEN>',
    '(a+)+$',
    '^a*$',
    'x'.repeat(70_000),
    JSON.parse('{"__proto__":{"admin":true}}'),
    JSON.parse('{"constructor":{"prototype":{"admin":true}}}'),
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

type Change = { at: number; how: 'set' | 'remove' | 'add' | 'rename'; name: string; value: unknown }
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1_000),
  how: fc.constantFrom('set', 'set', 'set', 'remove', 'add', 'rename'),
  name: fc.oneof(fc.constantFrom('__proto__', 'host', 'Content-Length', 'undo', 'before', 'base', 'then'), fc.string()),
  value: poison,
})

/** A copy with changes at places that are counted through. */
function changed(value: unknown, changes: readonly Change[]): unknown {
  const copy = structuredClone({ root: value })
  for (const { at, how, name, value: shared } of changes) {
    const value = structuredClone(shared)
    const places: [Record<string, unknown>, string][] = []
    const walk = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return
      for (const key of Object.keys(node)) {
        places.push([node as Record<string, unknown>, key])
        walk((node as Record<string, unknown>)[key])
      }
    }
    walk(copy)
    const [holder, key] = places[at % Math.max(1, places.length)] ?? [copy as Record<string, unknown>, 'root']
    if (how === 'set' || holder === copy) holder[key] = value
    else if (how === 'add')
      Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
    else {
      const before = holder[key]
      delete holder[key]
      if (how === 'rename') holder[name] = before
    }
  }
  return copy.root
}
const changes = fc.array(change, { minLength: 1, maxLength: 3 })

/** The pool's answers are JSON: so are these. */
const answering = (answer: unknown): Pick<Chassis, 'run'> => ({
  run: async () => ({
    output: JSON.parse(JSON.stringify(answer) ?? 'null') as JsonValue,
    usage: { fuel: 0, cpuMs: 0, memoryBytes: 0, hostCalls: 0 },
    wallMs: 0,
  }),
})
const guestThatAnswers = (answer: unknown) => guestOf({ chassis: answering(answer), module: guestModule('mail', '') })

/** What came of it; only coded errors are errors of the module. */
async function outcomeOf<T>(work: () => T | Promise<T>): Promise<T | string> {
  try {
    return await work()
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code === 'IF_ERR_INTERNAL') throw thrown
    return thrown.code
  }
}

function untouched(): void {
  expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
  expect(({} as { admin?: unknown }).admin).toBeUndefined()
}

describe('a description that was changed', () => {
  it('is refused by its schema, or by what it contradicts, or gives a definition', async () => {
    const seen = { refused: 0, contradicts: 0, defined: 0 }
    await fc.assert(
      fc.asyncProperty(changes, async (edits) => {
        const parsed = descriptionSchema.safeParse(changed(DESCRIPTION, edits))
        untouched()
        if (!parsed.success || parsed.data.kind !== 'adapter') return void seen.refused++
        const description: AdapterDescription = parsed.data
        const defined = await outcomeOf(() => definitionOf(description, EXAMPLES, guestThatAnswers(null)))
        if (typeof defined === 'string') return void seen.contradicts++
        seen.defined++
        expect(Object.keys(defined.operations).length).toBeLessThanOrEqual(Object.keys(description.operations).length)
      }),
      { numRuns: 2_000 },
    )
    expect(seen.refused).toBeGreaterThan(200)
    expect(seen.defined).toBeGreaterThan(100)
  }, 60_000)
})

describe('a plan that was changed', () => {
  const base = describedAs()

  it('is refused with a code, or becomes a request to the adapter’s own host with its secret as a hole', async () => {
    const seen = { refused: 0, built: 0 }
    await fc.assert(
      fc.asyncProperty(changes, async (edits) => {
        const definition = definitionOf(base, EXAMPLES, guestThatAnswers(changed(plan('message.send', SEND), edits)))
        const provider: LoadedProvider = {
          definition,
          manifest: manifestOf(base, EXAMPLES),
          digest: 'd'.repeat(64),
          signedBy: 'test',
        }
        const built = await outcomeOf(async () => {
          const named = operationOf(provider, 'message.send')
          const input = parseInput(named, SEND)
          const entry = await preparedFor(named, input)
          return buildRequest({ provider, instance: INSTANCE, entry, input })
        })
        untouched()
        if (typeof built === 'string') return void seen.refused++
        seen.built++
        const url = new URL(built.planned.url)
        expect(url.origin).toBe('https://api.acme.example')
        expect(url.username + url.password + url.hash).toBe('')
        for (const [name, value] of Object.entries(built.planned.headers))
          expect(`${name}${value}`).not.toMatch(/[\r\n\0]/)
      }),
      { numRuns: 2_000 },
    )
    expect(seen.refused).toBeGreaterThan(200)
    expect(seen.built).toBeGreaterThan(100)
  }, 60_000)
})

describe('a result, an undo or a tale of its health that was changed', () => {
  it('is refused with a code or has its shape', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (edits) => {
        const response = { status: 200, headers: {}, body: {} }
        const result = await outcomeOf(() =>
          guestThatAnswers(changed({ result: { id: 'm1' } }, edits)).apply({
            operation: 'message.send',
            input: SEND,
            response,
          }),
        )
        const undone = await outcomeOf(() =>
          guestThatAnswers(changed({ undo: { operation: 'message.recall', input: { id: 'm1' } } }, edits)).undo({
            operation: 'message.send',
            input: SEND,
            undo: { result: { id: 'm1' }, before: null },
          }),
        )
        const told = await outcomeOf(() => guestThatAnswers(changed({ tell: 'fine' }, edits)).health({}))
        untouched()
        expect(typeof result === 'string' ? result : 'object').toMatch(/^(IF_ERR_MODULE_FAILED|object)$/)
        expect(typeof undone === 'string' ? undone : 'object').toMatch(/^(IF_ERR_MODULE_FAILED|object)$/)
        expect(typeof told).toBe('string')
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)
})
