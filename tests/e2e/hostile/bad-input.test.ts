// Input that is wrong, through the real command: one clear error with its code and exit, and nothing left behind.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorOf, ifab } from '../../support/command.ts'
import { type Traces, tracesIn } from '../../support/home-view.ts'
import { openStudio, type Studio } from '../../support/studio.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

let studio: Studio
let work: TemporaryFolder
let before: Traces

beforeAll(async () => {
  studio = await openStudio()
  work = await temporaryFolder('input')
  before = await tracesIn(studio.home)
})

afterAll(async () => {
  await studio.close()
  await work.remove()
})

const playbook = (steps: string) => `version: 1\nname: show\nsteps:\n${steps}\n`
const payment = (input: string) => playbook(`  pay: { use: stripe payment.create, with: { ${input} } }`)

async function expectRefusal(args: string[], expected: { exit: number; says: (string | RegExp)[] }): Promise<void> {
  const ended = await ifab(args, { home: studio.home, cwd: work.path })

  expect(ended.code, ended.stderr).toBe(expected.exit)
  for (const word of expected.says) expect(ended.stderr).toMatch(word)
  expect(ended.stderr.match(/IF_ERR_/g)).toHaveLength(1)
  expect(ended.stderr).not.toMatch(/^\s+at /m)
  expect(ended.stdout).toBe('')
  expect(await tracesIn(studio.home)).toEqual(before)
  expect(studio.twins.stripe.effects).toEqual([])
}

describe.concurrent('a playbook', () => {
  it.each([
    ['that is no YAML', `${payment('amount: 1, currency: EUR')}  tell: [`, 2, ['IF_ERR_INVALID_FILE', 'show.yaml:5']],
    [
      'with an unknown operation',
      playbook('  pay: { use: stripe payment.creat }'),
      4,
      ['IF_ERR_UNKNOWN_OPERATION', 'show.yaml:4 steps.pay', 'Did you mean `payment.create`'],
    ],
    [
      'with an unknown instance',
      playbook('  pay: { use: strip payment.create }'),
      4,
      ['IF_ERR_UNKNOWN_PROVIDER', 'show.yaml:4 steps.pay', 'Did you mean `stripe`'],
    ],
    ['without a parameter', payment('amount: 1'), 2, ['IF_ERR_INVALID_INPUT', 'show.yaml:4', 'currency', 'required']],
    [
      'with a wrong type',
      payment('amount: ten, currency: EUR'),
      2,
      ['IF_ERR_INVALID_INPUT', 'show.yaml:4', 'amount', '"ten"'],
    ],
    [
      'with a reference to nothing',
      payment('amount: 1, currency: "${steps.b.result.c}"'),
      2,
      ['IF_ERR_REFERENCE', 'show.yaml:4', '"b"'],
    ],
    [
      'whose steps wait in a circle',
      playbook('  a: { use: stripe balance.get, after: b }\n  b: { use: stripe balance.get, after: a }'),
      2,
      ['IF_ERR_REFERENCE', 'a → b → a'],
    ],
    ['that is empty', '', 2, ['IF_ERR_INVALID_FILE', 'show.yaml:1']],
    [
      'with an unquoted channel',
      playbook('  tell: { use: slack message.send, with: { to: #a\n } }'),
      2,
      ['IF_ERR_INVALID_FILE', 'quote'],
    ],
  ] as const)('%s is refused where the mistake is', async (title, text, exit, says) => {
    const folder = join(work.path, title.replaceAll(' ', '-'))
    await mkdir(folder)
    await writeFile(join(folder, 'show.yaml'), text)

    await expectRefusal(['apply', '-f', join(folder, 'show.yaml')], { exit, says: [...says] })
  })

  it('that is not there, or is a folder, is named', async () => {
    await expectRefusal(['plan', '-f', 'nowhere.yaml'], { exit: 4, says: ['IF_ERR_NOT_FOUND', 'nowhere.yaml'] })
    await expectRefusal(['plan', '-f', '.'], { exit: 2, says: ['IF_ERR_INVALID_FILE', 'EISDIR'] })
  })
})

describe.concurrent('a command line', () => {
  it.each([
    ['apply stripe payment.creat amount=1 currency=EUR', 4, ['IF_ERR_UNKNOWN_OPERATION', 'payment.create']],
    ['apply stripe payment.create currency=EUR', 2, ['IF_ERR_INVALID_INPUT', 'amount', 'required']],
    ['apply stripe payment.create amount=ten currency=EUR', 2, ['IF_ERR_INVALID_INPUT', 'amount', 'ten']],
    ['apply --plan deadbeef', 4, ['IF_ERR_NOT_FOUND', 'deadbeef']],
    ['apply --resume last', 4, ['IF_ERR_NOT_FOUND', 'no run']],
  ] as const)('`%s` is refused', async (line, exit, says) => {
    await expectRefusal(line.split(' '), { exit, says: [...says] })
  })

  it('with a plan from a file that is none is refused', async () => {
    await writeFile(join(work.path, 'half.json'), '{"id": "01')
    await expectRefusal(['apply', '--plan', './half.json'], { exit: 2, says: ['IF_ERR_INVALID_FILE', 'half.json'] })
  })
})

it('a plan that cannot be written to its file is refused, and no draft of it is left', async () => {
  const home = await temporaryFolder('out')
  const plan = ['plan', 'slack', 'message.send', 'to=#a', 'text=b', '--json', '--out']
  for (const [file, problem] of [
    ['no/such/folder/plan.json', 'ENOENT'],
    ['providers', 'EISDIR'],
  ] as const) {
    const ended = await ifab([...plan, file], { home: home.path })

    expect(ended.code).toBe(2)
    expect(errorOf(ended)).toMatchObject({ code: 'IF_ERR_USAGE', message: expect.stringContaining(problem) })
    expect(ended.stdout).toBe('')
  }
  expect((await tracesIn(home.path)).files.filter((file) => file.includes('tmp'))).toEqual([])
  await home.remove()
})
