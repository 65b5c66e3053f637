// ifab doctor: checks that everything is in order; exit 1 where something is not.
import type { CommandHandler } from '../invocation.ts'
import { table } from '../output/table.ts'

export const doctorCommand: CommandHandler = async ({ fabric, console }) => {
  const opened = await fabric()
  const checks = await opened.doctor()
  const rows = checks.map(({ ok, name, text, next }) => [
    ok ? console.out.good('✓') : console.out.bad('✗'),
    name,
    `${text}${next && !ok ? `    Next: ${next}` : ''}`,
  ])
  const ok = checks.every((check) => check.ok)
  console.result({ ok, home: opened.home, checks }, table(rows))
  if (ok) console.note('Next: ifab provider list')
  return ok ? 0 : 1
}
