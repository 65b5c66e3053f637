// Every request that the examples build, and every answer that they show, against the vendors' own descriptions.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProviderDefinition } from '../../src/adapter/index.ts'
import slack from '../../src/providers/chat/slack/index.ts'
import stripe from '../../src/providers/payment/stripe/index.ts'
import homeAssistant from '../../src/providers/production/home-assistant/index.ts'
import { asDescribed, contractOperations, describedBy } from './provider-requests.ts'

const text = fc.string({ minLength: 1, maxLength: 200, unit: 'binary' })
const word = fc.stringMatching(/^[A-Za-z0-9_]{1,40}$/)
const ts = fc.stringMatching(/^1[0-9]{9}\.[0-9]{6}$/)
const amount = fc.integer({ min: 100, max: 99_999_999 })
const twoDecimal = fc.constantFrom('GBP', 'usd', 'EUR', 'SEK')

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Inputs beyond the examples, for the operations that build the most. */
const GENERATED: Record<string, Record<string, fc.Arbitrary<object>>> = {
  slack: {
    'message.send': fc.record({
      to: word,
      text,
      replyTo: optional(ts),
      native: optional(fc.record({ unfurl_links: fc.boolean(), username: text }, { requiredKeys: [] })),
    }),
    'message.edit': fc.record({ to: word, id: ts, text }),
    'message.list': fc.record({
      to: word,
      limit: fc.integer({ min: 1, max: 10_000 }),
      before: optional(ts),
      after: optional(ts),
    }),
    'slack:reaction.add': fc.record({ to: word, id: ts, emoji: word }),
  },
  stripe: {
    'payment.create': fc.record({
      amount,
      currency: twoDecimal,
      source: optional(word),
      customer: optional(word),
      capture: fc.boolean(),
      description: optional(text),
      reference: optional(text),
      native: optional(
        fc.record(
          { statement_descriptor_suffix: fc.constant('SEAT'), off_session: fc.boolean() },
          { requiredKeys: [] },
        ),
      ),
    }),
    'refund.create': fc.record({ payment: word, amount: optional(amount), currency: twoDecimal }),
    'customer.create': fc.record({ name: optional(text), reference: optional(text) }),
    'payment.capture': fc.record({ id: word, amount, currency: twoDecimal }),
  },
}

const PROVIDERS: ProviderDefinition[] = [slack, stripe, homeAssistant]

for (const definition of PROVIDERS) {
  // Home Assistant publishes no description of its API: its own client is the judge of its twin.
  const description = definition === homeAssistant ? undefined : await describedBy(definition.id)

  describe(`${definition.name}: its operations`, () => {
    for (const { id, operation, input, output } of contractOperations(definition)) {
      it(`${id} has examples that its schema takes, that make a request, and whose answer it can read`, () => {
        for (const example of operation.examples) {
          const parsed = input.parse(example.input) as never
          const request = asDescribed(definition, operation.request(parsed))
          const result = operation.result(example.response, { input: parsed, headers: {} })

          expect(request.path).toMatch(/^\/[^{}]+$/)
          expect(output.parse(result)).toEqual(result)
        }
      })
    }
  })

  if (definition === homeAssistant) continue
  describe.skipIf(!description)(`${definition.name}: against ${description?.files.join(', ') ?? 'nothing'}`, () => {
    for (const { id, operation, input } of contractOperations(definition)) {
      it(`${id} builds requests that the vendor's description takes, and shows answers that it gives`, () => {
        for (const example of operation.examples) {
          const spec = operation.request(input.parse(example.input) as never)
          const request = asDescribed(definition, spec)

          expect(description?.checkRequest(request)).toEqual([])
          expect(description?.checkResponse({ ...request, status: 200, body: example.response })).toEqual([])
        }
      })
    }

    for (const [id, inputs] of Object.entries(GENERATED[definition.id] ?? {})) {
      it(`${id} builds requests that the vendor's description takes, whatever the input`, () => {
        const found = contractOperations(definition).find((candidate) => candidate.id === id)
        if (!found) throw new Error(`${definition.id} has no ${id}`)

        fc.assert(
          fc.property(inputs, (given) => {
            const parsed = found.input.parse(JSON.parse(JSON.stringify(given))) as never
            expect(description?.checkRequest(asDescribed(definition, found.operation.request(parsed)))).toEqual([])
          }),
          { numRuns: 50 },
        )
      })
    }
  })
}
