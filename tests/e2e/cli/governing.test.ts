// The kill switch, policies, sequences, swarms: the built command as real processes on one home with twins.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ifab, type RunningTwins, twinUp } from './ifab.ts'

const SLOW = { timeout: 60_000 }
const REFUND = ['stripe', 'refund.create', 'payment=pi_3Nx', 'amount=250000', 'currency=GBP']
const CAP = `@id("refund-cap")
@text("at most GBP 50.00")
forbid (principal, action == Action::"refund.create", resource)
when { context has amount && context.amount > 5000 };
`

let home: string
let twins: RunningTwins
const run = (...args: string[]) => ifab(args, { home })
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr).error

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
  twins = await twinUp(['stripe', 'slack'], home)
  for (const provider of ['stripe', 'slack']) await run('provider', 'add', provider, '--twin')
}, 60_000)

afterAll(async () => {
  await twins?.stop()
  await rm(home, { recursive: true, force: true })
}, 60_000)

describe('the kill switch', () => {
  it('lets nothing out while an instance is frozen, and tells who froze it and why', SLOW, async () => {
    const frozen = await run('freeze', '--instance', 'stripe', '--why', 'key may have leaked')
    const refused = await run('call', 'stripe', 'balance.get', '--json')
    const other = await run('call', 'slack', 'channel.list')
    const agent = await run('thaw', '--instance', 'stripe', '--why', 'x', '--actor', 'if://agent/a', '--json')
    const thawed = await run('thaw', '--instance', 'stripe', '--why', 'new key is in')
    const after = await run('call', 'stripe', 'balance.get')

    expect([frozen.code, other.code, thawed.code, after.code]).toEqual([0, 0, 0, 0])
    expect([refused.code, errorOf(refused).code]).toEqual([3, 'IF_ERR_FROZEN'])
    expect(errorOf(refused).message).toContain('key may have leaked')
    expect(errorOf(agent).code).toBe('IF_ERR_APPROVAL_FORBIDDEN')
  })
})

describe('policies', () => {
  it('are tried on the past, checked, and then decide; the refusal names file and line', SLOW, async () => {
    await mkdir(join(home, 'policies'), { recursive: true })
    const draft = join(home, 'refund-cap.cedar')
    await writeFile(draft, CAP)

    const checked = await run('policy', 'check', draft)
    const before = await json('policy', 'explain', ...REFUND)
    const whatIf = await json('policy', 'what-if', draft)
    await writeFile(join(home, 'policies', 'refund-cap.cedar'), CAP)
    const listed = await json('policy', 'list')
    const denied = await run('apply', ...REFUND, '--explain')

    expect(checked.code).toBe(0)
    expect(before.verdict.decision).toBe('ask')
    expect(whatIf).toMatchObject({ replayed: expect.any(Number), flips: [] })
    expect(listed.policies).toContainEqual(expect.objectContaining({ rule: 'refund-cap', line: 1 }))
    expect(denied.code).toBe(3)
    expect(denied.stderr).toContain('IF_ERR_POLICY_DENIED')
    expect(denied.stderr).toMatch(/guard +forbid refund-cap: at most GBP 50\.00, policies\/refund-cap\.cedar:1/)
    expect(denied.stderr).toMatch(/sequence +private /)
    expect(denied.stderr).toMatch(/passes +not as it is; no approval lifts refund-cap/)
    await rm(join(home, 'policies', 'refund-cap.cedar'))
  })
})

describe('sequences', () => {
  it('show what a session has read, until a person clears it', SLOW, async () => {
    const mine = ['--session', 'shift-1']
    const { result } = await json('call', 'slack', 'channel.list', '--session', 'another')
    const [{ id }] = result.channels
    const read = await run('call', 'slack', 'message.list', `to=${id}`, ...mine)
    const touched = await json('session', 'show', 'shift-1')
    const cleared = await run('session', 'clear', 'shift-1', '--why', 'public channel')
    const after = await json('session', 'show', 'shift-1')

    expect(read.code, read.stderr).toBe(0)
    expect(touched.private).toMatchObject([{ instance: 'slack', operation: 'message.list', session: 'shift-1' }])
    expect(cleared.code).toBe(0)
    expect(after).toMatchObject({ session: 'shift-1', private: [], untrusted: [] })
  })
})

describe('swarms', () => {
  it('are found as helpers once they are registered, with the team that costs least', SLOW, async () => {
    await run('governor', 'register', 'refunds', '--capability', 'payment:refund', '--cost-per-hour', '0.50')
    await run('governor', 'register', 'phones', '--capability', 'integration:sip', '--cost-per-hour', '0.25')

    const help = await json('governor', 'find-help', 'payment:refund', 'integration:sip', '--hours', '2')
    const nobody = await run('governor', 'find-help', 'payment:refnd', '--json')

    expect(help.team).toMatchObject({ costMicroUsd: 1_500_000, match: 1 })
    expect([nobody.code, errorOf(nobody).hint]).toEqual([4, expect.stringContaining('payment:refund')])
  })
})
