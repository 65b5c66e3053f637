import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  DEFAULT_CONFIG,
  defaultActor,
  homeAt,
  parseAddress,
  prepareHome,
  readConfig,
} from '../../../src/foundation/index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const configOf = (text: string) => {
  const path = join(folder, 'config.yaml')
  writeFileSync(path, text)
  return readConfig(path)
}

describe('config.yaml', () => {
  it('is the defaults where there is none', async () => {
    expect(await readConfig(join(folder, 'none.yaml'))).toEqual(DEFAULT_CONFIG)
    expect(DEFAULT_CONFIG).toMatchObject({ budgets: [], policy: { effects: {}, requireWhy: [] }, logLevel: 'warn' })
  })

  it('has budgets in whole micro-USD, a day where nothing is said', async () => {
    const config = await configOf(
      'version: 1\nbudgets:\n  - {name: calls, limit: 0.50 USD}\n  - {name: m, limit: 5USD, per: month}\n',
    )

    const rest = { kind: 'cost', currency: 'USD', timeZone: 'UTC', hard: true, warnAt: [75, 90], of: {}, each: [] }
    expect(config.budgets).toEqual([
      { name: 'calls', limit: 500_000, per: 'day', ...rest },
      { name: 'm', limit: 5_000_000, per: 'month', ...rest },
    ])
  })

  it('has budgets of what payments carry out, in minor units of any currency', async () => {
    const config = await configOf(
      'version: 1\nbudgets:\n  - {name: p, kind: outflow, limit: 500 gbp}\n  - {name: y, kind: outflow, limit: 900 JPY, each: [actor], of: {operation: "payout.*"}}\n',
    )

    expect(config.budgets).toMatchObject([
      { name: 'p', limit: 50_000, currency: 'GBP' },
      { name: 'y', limit: 900, currency: 'JPY', each: ['actor'], of: { operation: 'payout.*' } },
    ])
  })

  it.each([
    ['version: 2\n', ':1 version: '],
    [
      'version: 1\nbudgets:\n  - name: a\n    limit: 10 euros\n',
      ':4 budgets[0].limit: expected a number and a currency, as in "0.50 USD"',
    ],
    ['version: 1\nbudgets:\n  - {name: a, limit: 10 GBP}\n', ':3 budgets[0].limit: costs are in USD'],
    ['version: 1\nbudgets:\n  - {name: a, kind: outflow, limit: 10 XQZ}\n', ':3 budgets[0].limit: "XQZ" is not an ISO'],
    [
      'version: 1\nbudgets:\n  - {name: a, kind: outflow, limit: 1.5 JPY}\n',
      ':3 budgets[0].limit: "1.5" is not an amount',
    ],
    [
      'version: 1\nbudgets:\n  - {name: a, limit: 1 USD}\n  - {name: a, limit: 2 USD}\n',
      ':4 budgets[1].name: a names two budgets',
    ],
    [
      'version: 1\nbudgets:\n  - {name: a, limit: 1 USD, timeZone: Europe/Lodnon}\n',
      ':3 budgets[0].timeZone: expected an IANA time zone',
    ],
    ['version: 1\npolicy:\n  effects:\n    charge: maybe\n', ':4 policy.effects.charge: expected one of'],
    ['version: 1\npolicy:\n  effects:\n    sned: ask\n', ':4 policy.effects: unknown field "sned"'],
    ['version: 1\napprovers: [ana]\n', ':2 approvers[0]: expected an address such as if://person/ana'],
    ['version: 1\nlogLevel: loud\n', ':2 logLevel: expected one of'],
    ['version: 1\nbudget: []\n', ':2 unknown field "budget"'],
    ['version: 1\n  logLevel: x\n', ':1 Nested mappings are not allowed'],
  ])('is refused with its line: %j', async (text, problem) => {
    await expect(configOf(text)).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining(`config.yaml${problem}`),
    })
  })
})

describe('the home', () => {
  it('is the option, else IFAB_HOME, else ~/.ifab', () => {
    expect(homeAt('/a', { IFAB_HOME: '/b' }).path).toBe('/a')
    expect(homeAt(undefined, { IFAB_HOME: '/b' })).toEqual({
      path: '/b',
      config: '/b/config.yaml',
      providers: '/b/providers',
      keys: '/b/keys',
      database: '/b/fabric.db',
    })
    expect(homeAt(undefined, {}).path).toMatch(/\.ifab$/)
  })

  it('is made at first use, for its owner alone', async () => {
    const home = homeAt(join(folder, 'deep', 'home'), {})

    await prepareHome(home)
    await prepareHome(home)

    expect(statSync(home.path).mode & 0o777).toBe(0o700)
    expect(statSync(home.keys).isDirectory()).toBe(true)
  })

  it('is refused with what to do where it cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '')

    await expect(prepareHome(homeAt(join(folder, 'file', 'home'), {}))).rejects.toMatchObject({
      code: 'IF_ERR_HOME_UNUSABLE',
      message: expect.stringContaining('ENOTDIR'),
      hint: expect.stringContaining('IFAB_HOME'),
    })
  })

  it('has a person at its terminal whose name is an address', () => {
    expect(parseAddress(defaultActor()).kind).toBe('person')
  })
})
