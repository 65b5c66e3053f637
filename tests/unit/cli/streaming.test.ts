import { describe, expect, it } from 'vitest'
import type { ApplyOptions, Fabric, Run } from '../../../src/fabric/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { fakeFabric, fakePlan, fakeRun, planStep, RUN_ID } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'

const step = planStep('step')
const STREAMING = { ...step, request: { ...step.request, streams: true as const } }
const PLAN = fakePlan({ steps: [STREAMING], verdict: { decision: 'allow', reasons: [] } })

/** A fabric whose run hands out these pieces before it ends. */
function streaming(
  pieces: readonly JsonObject[],
  {
    plan = PLAN,
    end = async () => fakeRun(),
  }: { plan?: typeof PLAN; end?: (options: ApplyOptions) => Promise<Run> } = {},
): CliOptions {
  const fabric: Fabric = fakeFabric({
    readPlan: async () => plan,
    async apply(_plan, options = {}) {
      for (const piece of pieces) await options.onPiece?.({ run: RUN_ID, step: 'step', piece })
      return end(options)
    },
  })
  return { openFabric: async () => fabric }
}

const APPLY = ['apply', '--plan', '9c1e', '--stream']

describe('ifab apply --stream', () => {
  it('prints the answer alone on stdout and the receipt on stderr', async () => {
    const result = await runCli(APPLY, streaming([{ text: 'Hel' }, { text: 'lo' }]))

    expect(result.stdout).toBe('Hello\n')
    expect(result.stderr).toContain('✓ pi_1 succeeded')
    expect(result.code).toBe(0)
  })

  it('prints what is no text as a line of JSON', async () => {
    const call = { toolCall: { id: 'c1', name: 'look', arguments: {} } }

    const result = await runCli(APPLY, streaming([{ text: 'Wait.' }, call]))

    expect(result.stdout).toBe(`Wait.\n${JSON.stringify(call)}\n`)
  })

  it('prints JSON Lines under --json, the run last', async () => {
    const result = await runCli([...APPLY, '--json'], streaming([{ text: 'Hel' }, { text: 'lo' }]))

    const lines = result.stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { step: 'step', piece: { text: 'Hel' } },
      { step: 'step', piece: { text: 'lo' } },
      { id: RUN_ID, state: 'done' },
    ])
    expect(result.stderr).toBe('')
  })

  it('shows no control characters of strangers on a terminal', async () => {
    const result = await runCli(APPLY, { ...streaming([{ text: 'a\u001b[2Jb' }]), terminal: true })

    expect(result.stdout).toBe('a·[2Jb\n')
  })

  it('leaves the answer at Ctrl-C, keeps what had come and exits with the signal', async () => {
    const started = startCli(
      APPLY,
      streaming([{ text: 'Hel' }], {
        end: async ({ signal }) => {
          await until(() => signal?.aborted === true)
          return fakeRun()
        },
      }),
    )
    await until(() => started.stdout().includes('Hel'))
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
    expect(started.stdout()).toBe('Hel\n')
    expect(started.stderr()).toContain('✓ pi_1 succeeded')
  })

  it('refuses a plan of which nothing streams, and what does not go with it', async () => {
    const plain = await runCli(APPLY, streaming([], { plan: fakePlan({ verdict: PLAN.verdict }) }))
    const dry = await runCli([...APPLY, '--dry-run'], streaming([]))

    expect(plain.stderr).toContain('IF_ERR_UNSUPPORTED')
    expect(dry.stderr).toContain('--stream and --dry-run exclude each other')
    expect(dry.code).toBe(2)
  })

  it('of several answers at the same time is for --json only', async () => {
    const plan = fakePlan({ ...PLAN, steps: [STREAMING, { ...STREAMING, id: 'second' }] })

    const text = await runCli(APPLY, streaming([], { plan }))

    expect(text.stderr).toContain('the steps step, second answer in pieces at the same time')
    expect(text.code).toBe(2)
  })
})
