// Every playbook of examples/ on twins: it is planned, and applied, with what it needs made first.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PROVIDERS } from '../../../src/providers/index.ts'
import { openStudio, type Studio, YES } from '../fabric/rig.ts'

const FOLDER = join(import.meta.dirname, '../../../examples')

const EXAMPLES = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'playbook.yaml')))

/** Inputs that a playbook has no default for: what exists before it begins. */
const BEFORE: Record<string, (studio: Studio) => Promise<Record<string, string>>> = {
  refund: async ({ fabric }) => {
    const input = { amount: 2500, currency: 'GBP', source: 'pm_card_visa' }
    const plan = await fabric.plan({ instance: 'stripe', operation: 'payment.create', input })
    const paid = await fabric.apply(plan, YES)
    const result = paid.steps[0]?.result as { id: string }
    return { payment: result.id, amount: '1200' }
  },
}

/** Providers that the steps of a playbook use, however deep they stand. */
const providersIn = (text: string): string[] => {
  const known = new Set<string>(PROVIDERS.map(({ id }) => id))
  const used = [...text.matchAll(/\buse:\s*["']?([\w-]+)/g)].map(([, id = '']) => id)
  return [...new Set(used)].filter((id) => known.has(id))
}

describe('the playbooks of examples/', () => {
  for (const name of EXAMPLES) {
    const file = join(FOLDER, name, 'playbook.yaml')
    const text = readFileSync(file, 'utf8')

    it(`${name} is planned and applied on twins, and says in a README what it is`, async () => {
      const studio = await openStudio({ providers: providersIn(text) })
      const inputs = (await BEFORE[name]?.(studio)) ?? {}

      const plan = await studio.fabric.planPlaybook(file, inputs)
      const applied = await studio.fabric.apply(plan, YES)

      expect((parse(text) as { description?: string }).description).toBeTruthy()
      expect(existsSync(join(FOLDER, name, 'README.md'))).toBe(true)
      expect(applied.state).toBe('done')
      expect(applied.steps.filter(({ state }) => state !== 'done')).toEqual([])
    })
  }
})
