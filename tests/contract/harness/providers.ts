// Every provider that there is a definition of, found as the generated index finds them, each loaded by itself: one that
// does not load hides no other. IFAB_CONTRACT=id names the only one to look at.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderDefinition } from '../../../src/adapter/index.ts'

const FOLDER = join(import.meta.dirname, '../../../src/providers')

export interface FoundProvider {
  id: string
  category: string
  load: () => Promise<ProviderDefinition>
}

/** Providers of a category, or of all. */
export function providersOf(category?: string): FoundProvider[] {
  const wanted = process.env.IFAB_CONTRACT
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (category === undefined || entry.name === category))
    .flatMap((entry) => inCategory(entry.name))
    .filter(({ id }) => wanted === undefined || wanted === '' || id === wanted)
}

function inCategory(category: string): FoundProvider[] {
  return readdirSync(join(FOLDER, category), { withFileTypes: true }).map((entry) => {
    const path = join(FOLDER, category, entry.name, entry.isDirectory() ? 'index.ts' : '')
    return {
      id: entry.name.replace(/\.ts$/, ''),
      category,
      load: async () => ((await import(/* @vite-ignore */ path)) as { default: ProviderDefinition }).default,
    }
  })
}
