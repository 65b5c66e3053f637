// What a vendor's own client, or a real server, has shown of a provider, held against the record that docs/conformance.md
// is made from. A test that reaches less than is recorded, or more, fails; IFAB_CONFORMANCE=write writes what it reaches.
import { expect } from 'vitest'
import type { ProviderDefinition } from '../../src/adapter/index.ts'
import { definedOperations } from '../../src/adapter/index.ts'
import type { Twin } from '../../src/twin/index.ts'
import { conformanceOf, writeConformance, writesConformance } from '../contract/harness/conformance.ts'

export interface Proof {
  /** Of the test that checks it, the last one of its file. */
  readonly title: string
  check: () => void
}

/** Of a vendor's client at the twin: `watch` the twin after each test, or, where others call it too, say what was seen. */
export function clientProof(
  definition: ProviderDefinition,
  client: string,
): Proof & { watch: (twin: Pick<Twin, 'calls' | 'effects'>) => void; saw: (operation: string) => void } {
  const seen = new Set<string>()
  const operations = definedOperations(definition)
  return {
    ...proofOf(definition, { kind: 'clients', by: client, seen }),
    saw: (operation) => void seen.add(operation),
    watch: ({ calls, effects }) => {
      const answered = calls.log.filter(({ status = 500 }) => status < 400)
      for (const { id, operation } of operations) {
        const names = [id, id.replace(`${definition.id}:`, '')]
        const happened = effects.some((effect) => names.includes(effect.operation))
        const read = answered.some((call) => names.includes(call.operation ?? ''))
        if (happened || (operation.effect === 'read' && read)) seen.add(id)
      }
    },
  }
}

/** Of a real server: `saw` an operation after what came of it was asserted. */
export function peerProof(definition: ProviderDefinition, peer: string): Proof & { saw: (operation: string) => void } {
  const seen = new Set<string>()
  return { ...proofOf(definition, { kind: 'peers', by: peer, seen }), saw: (operation) => void seen.add(operation) }
}

function proofOf(
  { id }: ProviderDefinition,
  { kind, by, seen }: { kind: 'clients' | 'peers'; by: string; seen: Set<string> },
): Proof {
  return {
    title: `has shown the operations that are recorded of ${by}`,
    check: () => {
      const operations = [...seen].sort()
      if (writesConformance) {
        writeConformance(id, (recorded) => ({ ...recorded, [kind]: { ...recorded[kind], [by]: operations } }))
      }
      expect(conformanceOf(id)[kind][by] ?? []).toEqual(operations)
    },
  }
}
