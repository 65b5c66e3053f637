// What a limit does to the built command: exit codes, what would have fitted, warnings, a question that is asked again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ifab, type RunningTwins, twinUp } from './ifab.ts'

const SLOW = { timeout: 60_000 }
const pay = (amount: number) => ['stripe', 'payment.create', `amount=${amount}`, 'currency=GBP', 'source=pm_card_visa']

let home: string
let twins: RunningTwins
const run = (...args: string[]) => ifab(args, { home })
const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
  await writeFile(
    join(home, 'config.yaml'),
    `version: 1
policy: { effects: { charge: allow } }
budgets:
  - { name: call, limit: 2 USD, per: call }
  - { name: gentle, limit: 1 USD, hard: false, warnAt: [75] }
  - { name: refunds, kind: outflow, limit: 20.00 GBP, of: { operation: "refund.*" } }
`,
  )
  twins = await twinUp(['stripe', 'slack'], home)
  for (const provider of ['stripe', 'slack']) await run('provider', 'add', provider, '--twin')
}, 60_000)

afterAll(async () => {
  await twins?.stop()
  await rm(home, { recursive: true, force: true })
}, 60_000)

describe('a budget', () => {
  it('that is hard ends the command with exit 3 and says what would have fitted', SLOW, async () => {
    const refused = await run('apply', ...pay(90_000), '--json')
    const spoken = await run('apply', ...pay(80_000))

    expect([refused.code, spoken.code]).toEqual([3, 3])
    expect(`${spoken.stdout}${spoken.stderr}`).toMatch(/At most \$?2.* would fit/)
    expect(`${refused.stdout}${refused.stderr}`).toContain('IF_ERR_BUDGET_EXCEEDED')
  })

  it('that is soft lets it go on and warns on stderr, once', SLOW, async () => {
    const first = await run('apply', ...pay(2_500))
    const second = await run('apply', ...pay(2_600))

    expect([first.code, second.code]).toEqual([0, 0])
    expect(first.stderr).toContain('has passed 75 %')
    expect(second.stderr).not.toContain('has passed 75 %')
  })

  it('for what is paid out asks where the amount is not said, and is shown in its own currency', SLOW, async () => {
    const asked = await run('apply', 'stripe', 'refund.create', 'payment=pi_3Nx', '--json')
    const listed = await run('budget', 'list')

    expect([asked.code, errorOf(asked).code]).toEqual([9, 'IF_ERR_APPROVAL_REQUIRED'])
    expect(JSON.stringify(errorOf(asked))).toContain('default/unknown-outflow')
    expect(listed.stdout).toMatch(/refunds.*GBP 20\.00/)
  })
})

describe('a loop', () => {
  it('asks from the fifth time on, with exit 9', SLOW, async () => {
    const say = () => run('apply', 'slack', 'message.send', 'to=#general', 'text=again', '--session', 'eager', '--json')
    const codes: (number | null)[] = []
    for (let time = 1; time <= 5; time++) codes.push((await say()).code)

    expect(codes).toEqual([0, 0, 0, 0, 9])
  })
})
