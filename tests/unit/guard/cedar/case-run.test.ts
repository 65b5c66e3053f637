import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkPolicyFile, testPolicies } from '../../../../src/guard/index.ts'
import { OPERATIONS, SCHEMA, withFolder } from './an-action.ts'

const OPTIONS = { schema: SCHEMA, operations: OPERATIONS }

const CAP = `@id("cap") forbid (principal, action in Action::"charge", resource)
when { context has amount && context.amount > 5000 };`

const run = (cases: string, policies = CAP) =>
  withFolder(
    { 'cap.cedar': policies, 'cap.test.yaml': `version: 1\npolicies: [cap.cedar]\ncases:\n${cases}` },
    (folder) => testPolicies(join(folder, 'cap.test.yaml'), OPTIONS),
  )

describe('table tests of policies', () => {
  it('pass where decision and rule are the expected ones', async () => {
    const results =
      await run(`  - { name: small, operation: payment.create, amount: 50 GBP, expect: ask, by: default/charge }
  - { name: large, operation: payment.create, amount: 50.01 GBP, expect: deny, by: cap }
  - { name: unknown, operation: message.send, maxCost: unknown, expect: allow }
  - { name: as a read, operation: payment.create, effect: read, instance: { provider: stripe }, expect: allow }`)

    expect(results.map(({ name, passed, line }) => [name, passed, line])).toEqual([
      ['small', true, 4],
      ['large', true, 5],
      ['unknown', true, 6],
      ['as a read', true, 7],
    ])
  })

  it('fail with what was decided instead, and by what', async () => {
    const results = await run(`  - { name: a, operation: payment.create, amount: 60 GBP, expect: allow }
  - { name: b, operation: payment.create, amount: 60 GBP, expect: deny, by: other }`)

    expect(results.map(({ problem }) => problem)).toEqual([
      'expected allow, got deny by cap',
      'expected deny by other, it is by cap',
    ])
  })

  it.each([
    [
      'an operation that nobody has',
      '{ name: a, operation: payment.craete, expect: ask }',
      /:4 operation: .*payment\.craete/,
    ],
    [
      'an operation that its provider lacks',
      '{ name: a, operation: message.send, instance: { provider: stripe }, expect: ask }',
      /stripe has no operation/,
    ],
    ['an unknown currency', '{ name: a, operation: payment.create, amount: 5 XQX, expect: ask }', /:4 amount: /],
    [
      'an amount with too many places',
      '{ name: a, operation: payment.create, amount: 5.001 GBP, expect: ask }',
      /:4 amount: /,
    ],
    ['a cost in pounds', '{ name: a, operation: payment.create, maxCost: 5 GBP, expect: ask }', /expected USD/],
    ['a misspelt field', '{ name: a, operation: payment.create, amonut: 5 GBP, expect: ask }', /amonut/],
    ['an actor that is no address', '{ name: a, operation: payment.create, actor: ana, expect: ask }', /if:\/\/agent/],
    [
      'a name without an address kind',
      '{ name: a, operation: payment.create, actor: "if://robot/x", expect: ask }',
      /if:\/\/agent/,
    ],
  ])('refuse %s with its line', async (_what, line, message) => {
    await expect(run(`  - ${line}`)).rejects.toThrow(message)
  })

  it('refuse a wrong policy, and one that is not there', async () => {
    await expect(
      run('  - { name: a, operation: message.send, expect: ask }', 'permit (principal);'),
    ).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('cap.cedar:1'),
    })
    await withFolder(
      { 'a.yaml': 'version: 1\npolicies: [b.cedar]\ncases: [{ name: a, operation: x, expect: ask }]' },
      (folder) =>
        expect(testPolicies(join(folder, 'a.yaml'), OPTIONS)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' }),
    )
  })
})

describe('checking a file', () => {
  it('reads it by its path, and names what cannot be read', () =>
    withFolder({ 'cap.cedar': CAP }, async (folder) => {
      expect((await checkPolicyFile(join(folder, 'cap.cedar'), OPTIONS)).policies).toHaveLength(1)
      await expect(checkPolicyFile(join(folder, 'no.cedar'), OPTIONS)).rejects.toMatchObject({
        code: 'IF_ERR_NOT_FOUND',
      })
      await expect(checkPolicyFile(folder, OPTIONS)).rejects.toThrow('cannot be read (EISDIR)')
    }))
})
