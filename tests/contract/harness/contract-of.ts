// The contract of every provider: its examples make requests and can be read, its optional fields mean something, its
// requests and answers are what the vendor's own description has, its manifest says what the catalogue of facts says.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DefinedOperation,
  definedOperations,
  exampleRequests,
  type ProviderDefinition,
} from '../../../src/adapter/index.ts'
import {
  openVendorDescription,
  type VendorDescription,
  vendorDescriptionsFolder,
} from '../../../src/twin/vendor/index.ts'
import { describedAnswers } from './answers.ts'
import { CATALOGUE, catalogueRow, deviations, knownDeviations } from './catalogue.ts'
import { conformanceOf, writeConformance, writesConformance } from './conformance.ts'
import { ignoredFields } from './optional-fields.ts'
import { type FoundProvider, providersOf } from './providers.ts'
import { asDescribed } from './wire.ts'

const RUNS = 50

/** Declares the tests of all providers of a category. */
export async function contractOf(category: string): Promise<void> {
  const providers = providersOf(category)
  if (providers.length === 0) it.skip(`${category}: SKIPPED, there is no provider to look at`, () => {})
  for (const provider of providers) await declare(provider)
}

async function declare({ id, load }: FoundProvider): Promise<void> {
  const loaded = await load().catch((error: unknown) => ({ error }))
  if ('error' in loaded) {
    it(`${id}: its definition loads`, () => {
      throw loaded.error
    })
    return
  }
  describeExamples(loaded)
  describeCatalogue(loaded)
  const folder = vendorDescriptionsFolder()
  const description = folder && (await openVendorDescription(folder, loaded))
  if (description) await describeVendor(loaded, description)
  else
    describe.skip(`${id}: against its vendor's description`, () => {
      it(`SKIPPED: none is at hand${folder ? '' : ' (set IFAB_SPECS to a folder of descriptions)'}`, () => {})
    })
}

function describeExamples(definition: ProviderDefinition): void {
  describe(`${definition.id}: its operations`, () => {
    it('are what its file and folder say', () => {
      expect(providersOf().find(({ id }) => id === definition.id)?.category).toBe(definition.category)
    })

    for (const defined of definedOperations(definition)) {
      it(`${defined.id} has examples that make requests, and answers that it can read`, async () => {
        for (const [at, example] of defined.operation.examples.entries()) {
          const { input, first, further } = exampleRequests(defined, at)
          for (const spec of [first, ...further]) {
            expect((await asDescribed(definition, spec)).path).toMatch(/^\/[^{}]*$/)
          }
          const result = resultOf(defined, at)
          if (result !== undefined) expect(defined.resultSchema.parse(result)).toEqual(result)
          expect(defined.operation.without?.filter((field) => field in input) ?? []).toEqual([])
          expect(JSON.stringify(example.input)).not.toContain('TODO')
        }
      })

      it(`${defined.id} makes something of each optional field, or says that it can't`, () => {
        expect(ignoredFields(defined)).toEqual([])
      })
    }
  })
}

/** What the definition makes of an example's answers; undefined where only events tell it. */
function resultOf(defined: DefinedOperation, at: number): unknown {
  const { operation } = defined
  const example = operation.examples[at]
  if (!example) return undefined
  const { input } = exampleRequests(defined, at)
  const headers = { ...example.headers }
  if (example.events && operation.events) {
    const reader = operation.events(input)
    for (const event of example.events) {
      const seen = reader.event(event)
      if (typeof seen === 'object' && 'fault' in seen) throw new Error(`${defined.id}: ${JSON.stringify(seen.fault)}`)
      if (seen === 'end') break
    }
    return reader.end(true)
  }
  if (!operation.more) return operation.result(example.response, { input, headers })
  const answers = [...(example.more ?? [])]
  const answer = { body: example.response, headers, status: example.status ?? 200 }
  const steps = operation.more({ input, answer })
  for (let step = steps.next(answer); ; ) {
    if (step.done) return step.value
    const next = 'pauseMs' in step.value ? answer : answers.shift()
    step = steps.next(next ?? answer)
  }
}

function describeCatalogue(definition: ProviderDefinition): void {
  const { id } = definition
  const row = catalogueRow(id)
  const here = existsSync(CATALOGUE)
  describe(`${id}: against the catalogue of facts`, () => {
    it.skipIf(!row)(
      row
        ? 'differs only where a reason is given, and every reason still applies'
        : `SKIPPED: ${here ? 'it has no row' : 'there is no catalogue at hand'}`,
      () => {
        expect(row && deviations(definition, row).sort()).toEqual(Object.keys(knownDeviations(id)).sort())
      },
    )
  })
}

async function describeVendor(definition: ProviderDefinition, description: VendorDescription): Promise<void> {
  const { id } = definition
  const inputs = await generatedInputs(id)
  const described = new Set<string>()
  describe(`${id}: against ${description.files.join(', ')}`, () => {
    for (const defined of definedOperations(definition)) {
      it(`${defined.id} builds requests that the vendor's description takes, and shows answers that it gives`, async () => {
        const checks = await checked(definition, defined, description)

        expect(checks.problems).toEqual([])
        if (checks.known) described.add(defined.id)
      })

      const arbitrary = inputs[defined.id]
      if (!arbitrary) continue
      it(`${defined.id} builds requests that the vendor's description takes, whatever the input`, async () => {
        await fc.assert(
          fc.asyncProperty(arbitrary, async (given) => {
            const parsed = defined.inputSchema.parse(JSON.parse(JSON.stringify(given))) as never
            const request = await asDescribed(definition, defined.operation.request(parsed))
            expect(description.checkRequest(request)).toEqual([])
          }),
          { numRuns: RUNS },
        )
      })
    }

    it('takes the operations that are recorded as described', () => {
      const now = { by: [...description.files], operations: [...described].sort() }
      if (writesConformance) writeConformance(id, (recorded) => ({ ...recorded, described: now }))
      expect(conformanceOf(id).described).toEqual(now)
    })

    it('has inputs to try only for operations that there are', () => {
      expect(
        Object.keys(inputs).filter((name) => !definedOperations(definition).some((one) => one.id === name)),
      ).toEqual([])
    })
  })
}

/** Problems of all examples, and whether the description knows every route of theirs. */
async function checked(
  definition: ProviderDefinition,
  defined: DefinedOperation,
  description: VendorDescription,
): Promise<{ problems: unknown[]; known: boolean }> {
  const problems: unknown[] = []
  let known = true
  for (const [at, example] of defined.operation.examples.entries()) {
    const { first, further } = exampleRequests(defined, at)
    const { response: body, status = 200, events = [], more = [] } = example
    const answers = [{ body, status, events }, ...more.map((answer) => ({ status: 200, events: [], ...answer }))]
    for (const [step, spec] of [first, ...further].entries()) {
      const request = await asDescribed(definition, spec)
      const isKnown = description.covers(request.method, request.path, request)
      known &&= isKnown
      const answer = answers[step]
      const shown = answer && isKnown ? describedAnswers(request, spec, answer) : []
      const found = [
        ...description.checkRequest(request),
        ...shown.flatMap((response) => description.checkResponse(response)),
      ]
      problems.push(...found.map((problem) => ({ example: at, ...problem })))
    }
  }
  return { problems, known }
}

async function generatedInputs(id: string): Promise<Record<string, fc.Arbitrary<object>>> {
  const path = join(import.meta.dirname, `../inputs/${id}.ts`)
  if (!existsSync(path)) return {}
  return ((await import(/* @vite-ignore */ path)) as { default: Record<string, fc.Arbitrary<object>> }).default
}
