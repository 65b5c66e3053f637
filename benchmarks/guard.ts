// Policy decisions with 200 policies: the guard with its slices, Cedar alone beside it with the same slice and with all 200.
// The amount differs in every question, so no decision comes from the cache unless a line says so.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import { DEFAULT_CONFIG, systemClock } from '../src/foundation/index.ts'
import { type Action, createGuard, loadPolicies, type PolicySet } from '../src/guard/index.ts'
import { openMemoryStore } from '../src/store/index.ts'

export const name = 'guard'

const POLICIES = 200
const QUESTIONS = 3_000

const SCOPES = [
  'principal in Swarm::"desk", action == Action::"refund.create", resource in Provider::"stripe"',
  'principal, action in Action::"message", resource',
  'principal is Agent, action in Action::"charge", resource in Environment::"production"',
  'principal == Agent::"a", action in Action::"device", resource',
  'principal in Swarm::"studio", action, resource',
]

/** One policy in ten has no scope at all, so it has to be evaluated for every action. */
const policyText = (at: number, asksEngine = false): string => {
  const scope = at % 10 === 0 ? 'principal, action, resource' : SCOPES[at % SCOPES.length]
  const effect = at % 3 === 0 ? 'permit' : 'forbid'
  const plain = `context has amount && context.amount > ${100_000 + at}`
  const condition = asksEngine
    ? `resource.hasTag("team") && ${plain}` // nothing but the engine reads tags
    : at % 2 === 0
      ? plain
      : `context.why like "*urgent*" && ${plain}`
  return `@id("p${at}") ${effect} (${scope}) when { ${condition} };`
}

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-'))
  try {
    const texts = Array.from({ length: POLICIES }, (_, at) => policyText(at))
    await writeFile(join(folder, 'all.cedar'), texts.join('\n'))
    await measure(folder)
    for (const at of [2, 52]) texts[at] = policyText(at, true)
    await writeFile(join(folder, 'all.cedar'), texts.join('\n'))
    await measureEngine(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(path: string): Promise<void> {
  const schema = await readFile('schemas/guard.cedarschema', 'utf8')
  const folders = [{ path, name: 'policies', isRequired: true }]
  const kept = { store: await openMemoryStore(), clock: systemClock }
  const [compiled, loadMs] = await timed(() => loadPolicies({ schema, folders, kept }))
  const [set, keptMs] = await timed(() => loadPolicies({ schema, folders, kept }))
  console.log(`load: ${POLICIES} policies compiled ${loadMs.toFixed(0)} ms, kept ${keptMs.toFixed(1)} ms`)

  const guard = createGuard(DEFAULT_CONFIG.policy, [], set)
  const ours = await times((at) => guard.judge(action(at)))
  const cached = await times(() => guard.judge(action(0)))
  const clean = await times((at) => guard.judge({ ...action(at), moves: undefined, operation: 'device.set' }))
  const all = compiled.policies.map((_, at) => at)
  const slice = all.filter((at) => at % 10 === 0 || at % SCOPES.length === 0 || at % SCOPES.length === 2)
  const alone = await times(cedarAlone(compiled, slice))
  const aloneAll = await times(cedarAlone(compiled, all))
  report('guard, another amount each time', ours)
  report('guard, decided before', cached)
  report('guard, an operation that fewer policies name', clean)
  report(`Cedar alone, the ${slice.length} policies whose scope fits`, alone)
  report(`Cedar alone, all ${POLICIES}`, aloneAll)
  console.log(`ratio: guard / Cedar alone with all ${(p50(ours) / p50(aloneAll)).toFixed(2)} (p50; target < 200 µs)`)
}

/** Two of the policies that fit have to be evaluated. */
async function measureEngine(path: string): Promise<void> {
  const schema = await readFile('schemas/guard.cedarschema', 'utf8')
  const set = await loadPolicies({ schema, folders: [{ path, name: 'policies', isRequired: true }] })
  const guard = createGuard(DEFAULT_CONFIG.policy, [], set)
  report('guard, where two policies need the engine', await times((at) => guard.judge(action(at))))
}

const action = (at: number): Action => ({
  step: 's',
  actor: 'if://agent/a',
  session: 's',
  swarm: 'desk',
  instance: 'stripe',
  provider: 'stripe',
  tags: { env: 'production' },
  operation: 'refund.create',
  effect: 'charge',
  labels: { reads: 'private', returns: 'trusted', sends: 'none' },
  input: {},
  moves: { amountMinor: 100 + at, currency: 'GBP', direction: 'out' },
  why: 'bench',
  madeHere: false,
  costUnknown: false,
  maxMicroUsd: 0,
  planSize: 1,
  nowMs: 1_736_166_600_000,
  sessionFacts: { private: false, untrusted: false, outwardAnswers: false, spentMicroUsd: 0, legs: [] },
})

function cedarAlone({ policies }: PolicySet, slice: number[]): (at: number) => unknown {
  const preparsedPolicySetId = `alone${slice.length}`
  const staticPolicies = Object.fromEntries(slice.map((at) => [String(at), policies[at]?.source ?? '']))
  cedar.preparsePolicySet(preparsedPolicySetId, { staticPolicies })
  const uid = (type: string, id: string) => ({ type, id })
  const principal = uid('Agent', 'a')
  const refund = uid('Action', 'refund.create')
  const resource = uid('Instance', 'stripe')
  const entities = [
    { uid: principal, attrs: {}, parents: [uid('Swarm', 'desk')] },
    { uid: refund, attrs: {}, parents: [uid('Action', 'refund'), uid('Action', 'charge')] },
    { uid: resource, attrs: {}, parents: [uid('Provider', 'stripe'), uid('Environment', 'production')] },
  ]
  return (at) =>
    cedar.statefulIsAuthorized({
      principal,
      action: refund,
      resource,
      context: { amount: 100 + at },
      preparsedPolicySetId,
      entities,
    })
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const started = performance.now()
  return [await work(), performance.now() - started]
}

/** µs of each question, after a third of them to warm up. */
async function times(ask: (at: number) => unknown): Promise<number[]> {
  const found: number[] = []
  for (let at = 0; at < QUESTIONS; at += 1) {
    const started = performance.now()
    await ask(at)
    if (at > QUESTIONS / 3) found.push((performance.now() - started) * 1_000)
  }
  return found.sort((a, b) => a - b)
}

const p50 = (sorted: number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN

function report(title: string, sorted: number[]): void {
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  console.log(`${title.padEnd(52)} p50 ${p50(sorted).toFixed(1).padStart(7)} µs  p99 ${p99.toFixed(1).padStart(7)} µs`)
}
