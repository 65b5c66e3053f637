// ifab doctor: checks that everything is in order; exit 1 where something is not.
import type { CommandHandler } from '../invocation.ts'
import { checksTable } from '../output/checks-text.ts'
import { wayText } from '../output/way-text.ts'

export const doctorCommand: CommandHandler = async ({ fabric, console }) => {
  const opened = await fabric()
  // Only who asks knows by which way.
  const checks = (await opened.doctor()).map((check) =>
    check.name === 'way' ? { ...check, text: wayText(opened.way) } : check,
  )
  const ok = checks.every((check) => check.ok)
  console.result({ ok, home: opened.home, way: opened.way, checks }, checksTable(checks, console.out))
  if (ok) console.note('Next: ifab provider list')
  return ok ? 0 : 1
}
