// The crash soak in short: ten seeded kills of the real command.
import { expect, it } from 'vitest'
import { run } from '../../soak/resume.ts'

it('repeats no effect and loses none, however often apply and resume are killed', { timeout: 120_000 }, async () => {
  const summary = await run({ seed: 1, scale: 0.05 })

  expect(summary).toMatch(/^10 kills .* none twice, none lost$/)
})
