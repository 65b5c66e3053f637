// Long, seeded runs of what the tests do short: npm run soak -- [NAME…] [--seed N] [--scale X]
// A soak is tests/soak/NAME.ts that exports `name` and run({ seed, scale }): it throws where something does not hold and
// returns a sentence about what it did. `scale` multiplies its counts: 1 is the full length, 0.05 what the tests run.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadSource } from './lib/load.mjs'
import { ROOT } from './lib/paths.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, scale: { type: 'string', default: '1' } },
})
const seed = Number(values.seed)
const scale = Number(values.scale)
if (!Number.isSafeInteger(seed) || !(scale > 0)) {
  console.error(`soak: --seed takes an integer and --scale a number > 0, got ${values.seed} and ${values.scale}`)
  process.exit(2)
}

const folder = join(ROOT, 'tests/soak')
const known = (existsSync(folder) ? await readdir(folder) : [])
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
const unknown = positionals.find((name) => !known.includes(name))
if (unknown) {
  console.error(`soak: there is no soak "${unknown}"; there are: ${known.join(', ') || 'none'}`)
  process.exit(2)
}

let failed = 0
const chosen = positionals.length > 0 ? positionals : known
for (const file of chosen) {
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  const soak = await loadSource(`tests/soak/${file}.ts`)
  try {
    const summary = await soak.run({ seed, scale })
    console.log(`✓ ${soak.name} · seed ${seed} · scale ${scale} · ${seconds()}${summary ? ` · ${summary}` : ''}`)
  } catch (error) {
    failed += 1
    console.error(error)
    console.log(`✗ ${soak.name} · seed ${seed} · scale ${scale} · ${seconds()}`)
  }
}
console.log(`${chosen.length - failed} held, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
