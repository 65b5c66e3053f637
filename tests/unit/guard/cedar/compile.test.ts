import { describe, expect, it } from 'vitest'
import { checkPolicies } from '../../../../src/guard/index.ts'
import { SCHEMA } from './an-action.ts'

const check = (text: string, groups?: readonly string[]) =>
  checkPolicies([{ name: 'policies/a.cedar', text }], { schema: SCHEMA, ...(groups ? { groups } : {}) })

const when = (condition: string) => `permit (principal, action, resource)\nwhen { ${condition} };`

describe('a policy file', () => {
  it('is cut into policies that know their rule and line', () => {
    const { policies, faults } = check(`// first; not a policy
@id("one")
@text("a; b \\" c")
forbid (principal, action, resource) when { "x;y" == "//" || true };

/* is no comment */`)

    expect(policies).toEqual([expect.objectContaining({ rule: 'one', line: 2, text: 'a; b " c' })])
    expect(faults).toEqual([expect.objectContaining({ file: 'policies/a.cedar', line: 6 })])
  })

  it('tells of every policy its effect, text and who is asked', () => {
    const { policies, faults, warnings } = check(`@id("one") @text("says so") @ask("2 of finance")
forbid (principal, action in Action::"charge", resource);
// between
permit (principal == Agent::"a", action, resource in Provider::"stripe");`)

    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] })
    expect(policies).toEqual([
      {
        rule: 'one',
        file: 'policies/a.cedar',
        line: 1,
        effect: 'forbid',
        text: 'says so',
        ask: { needed: 2, approvers: 'finance' },
      },
      { rule: 'a/policy1', file: 'policies/a.cedar', line: 4, effect: 'permit' },
    ])
  })

  it.each([
    ['approvers', { needed: 1 }],
    ['3 of approvers', { needed: 3 }],
    ['3', { needed: 3 }],
    ['finance', { needed: 1, approvers: 'finance' }],
  ])('asks with @ask("%s")', (ask, expected) => {
    expect(check(`@ask("${ask}") forbid (principal, action, resource);`).policies[0]?.ask).toEqual(expected)
  })

  it('may hold nothing but a comment', () => {
    expect(check('// nothing yet\n')).toEqual({ policies: [], faults: [], warnings: [] })
  })

  it('warns of a policy that is never met', () => {
    const { faults, warnings } = check(when('false'))

    expect(faults).toEqual([])
    expect(warnings).toEqual([expect.objectContaining({ line: 1, problem: expect.stringContaining('impossible') })])
  })
})

describe('a fault', () => {
  it.each([
    [
      'a misspelt operation',
      'permit (principal,\n action == Action::"payment.craete",\n resource);',
      2,
      /payment\.create/,
    ],
    ['an unknown provider', 'permit (principal, action, resource in Provider::"strpe");', 1, /"slack", "stripe"/],
    ['an unknown type', 'permit (principal in Team::"x", action, resource);', 1, /Team/],
    ['a misspelt field', when('context.amout > 4'), 2, /amount/],
    ['a field that may be absent', when('context.amount > 4'), 2, /context has amount/],
    ['a tag that may be absent', when('resource.getTag("team") == "a"'), 2, /hasTag/],
    ['a value of another type', when('context.planSize == "two"'), 2, /Long and String/],
    ['a wrong word', 'permit (principal, action, resource)\nwhenn { true };', 2, /whenn/],
    ['a string without an end', 'permit (principal, action, resource)\nwhen { "a };', 2, /./],
    [
      'a line behind letters of several bytes',
      `permit (principal, action, resource)\nwhen { context.why == "ééé" &&\n context.amout > 1 };`,
      3,
      /amount/,
    ],
    [
      'a group that is compared with ==',
      'forbid (principal, action == Action::"payment", resource);',
      1,
      /can never apply/,
    ],
    ['a template', 'permit (principal == ?principal, action, resource);', 1, /is a template/],
    ['a wrong @id', '@id("a b") permit (principal, action, resource);', 1, /@id/],
    ['a wrong @ask', '@ask("two of us") forbid (principal, action, resource);', 1, /2 of finance/],
    ['an empty @ask', '@ask("") forbid (principal, action, resource);', 1, /2 of finance/],
    ['an @ask without its group', '@ask("2 of ") forbid (principal, action, resource);', 1, /2 of finance/],
    ['an @ask of a permit', '@ask("approvers") permit (principal, action, resource);', 1, /asks nobody/],
    ['an empty @text', '@text(" ") permit (principal, action, resource);', 1, /@text/],
    ['a misspelt annotation', '@aks("approvers") forbid (principal, action, resource);', 1, /`ask`/],
    ['brackets without end', when(`${'('.repeat(5_000)}true${')'.repeat(5_000)}`), 1, /nested too deeply/],
    [
      'ifs without end',
      when(`${'if context.planSize == 1 then '.repeat(300)}true${' else false'.repeat(300)}`),
      1,
      /nested too deeply/,
    ],
    [
      'a chain without end',
      when(Array(600).fill('context.planSize').join(' + ').concat(' > 1')),
      1,
      /nested too deeply/,
    ],
    ['a policy without end', when(`"${'x'.repeat(20_000)}" == "x"`), 1, /longer than 16384/],
    ['a file without end', ' '.repeat(300_000), 1, /longer than 262144/],
  ])('is %s', (_what, text, line, telling) => {
    const { faults } = check(text)

    expect(faults[0]).toMatchObject({ file: 'policies/a.cedar', line })
    expect(`${faults[0]?.problem} ${faults[0]?.hint}`).toMatch(telling)
  })

  it('of nesting breaks nothing for the policies after it', () => {
    check(when(Array(600).fill('context.planSize').join(' + ').concat(' > 1')))

    expect(check(when('context.planSize == 1')).faults).toEqual([])
  })

  it('is a group that config.yaml does not have', () => {
    const { faults } = check('@ask("finace") forbid (principal, action, resource);', ['finance', 'ops'])

    expect(faults).toEqual([expect.objectContaining({ problem: expect.stringContaining('Did you mean `finance`?') })])
  })

  it('is a name that two policies have', () => {
    const { faults } = check(
      '@id("a") permit (principal, action, resource);\n@id("a") forbid (principal, action, resource);',
    )

    expect(faults).toEqual([
      { file: 'policies/a.cedar', line: 2, problem: '@id("a") is that of policies/a.cedar:1 too' },
    ])
  })

  it('is told with all others', () => {
    const { faults } = check(
      '@id("a b") permit (principal, action, resource);\n@ask("?") forbid (principal, action, resource);',
    )

    expect(faults.map(({ line }) => line)).toEqual([1, 2])
  })
})
