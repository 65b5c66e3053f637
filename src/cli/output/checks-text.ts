// Checks of doctor and health: what is in order, and what to type where something is not.
import type { DoctorCheck } from '../../fabric/index.ts'
import type { Colours } from './colours.ts'
import { table } from './table.ts'

export const checksTable = (checks: readonly DoctorCheck[], paint: Colours): string =>
  table(
    checks.map(({ ok, name, text, next }) => [
      ok ? paint.good('✓') : paint.bad('✗'),
      name,
      `${text}${next && !ok ? `    Next: ${next}` : ''}`,
    ]),
  )
