// A fabric that knows one instance of one provider; each test says what else it does. What a test did not say throws.
import type { BudgetView, Fabric, OperationDetail, ProviderDetail, Run } from '../../../src/fabric/index.ts'
import type { Plan, StepRecord } from '../../../src/runs/index.ts'

const operation = (id: string, effect: string, input: Record<string, unknown>): OperationDetail => ({
  id,
  summary: `Does ${id}.`,
  effect,
  input: { type: 'object', additionalProperties: false, ...input } as OperationDetail['input'],
  example: { amount: 2500, currency: 'GBP' },
  undo: effect === 'read' ? null : 'payment.cancel',
  cost: 'free',
  native: id.includes(':'),
  streams: id.endsWith('.watch'),
})

export const PROVIDER: ProviderDetail = {
  id: 'pay',
  name: 'Pay',
  category: 'payment',
  standing: 'active',
  confidence: 'high',
  manifest: { version: '1.0.0', digest: 'd'.repeat(64), signedBy: 'infrafabric' },
  instances: [{ name: 'shop', tags: { env: 'sandbox' } }],
  docs: 'https://pay.example/docs',
  hosts: ['https://api.pay.example'],
  scopes: [],
  secrets: [{ name: 'PAY_KEY', label: 'secret key (sk_…)', get: 'https://pay.example/keys', required: true }],
  settings: [],
  limits: { rps: 10, burst: 20, backoff: [1] },
  operations: [
    operation('payment.create', 'charge', {
      properties: {
        amount: { type: 'integer' },
        currency: { type: 'string' },
        capture: { type: 'boolean' },
        reference: { type: 'string' },
      },
      required: ['amount', 'currency'],
    }),
    operation('balance.get', 'read', { properties: {} }),
    operation('state.watch', 'read', { properties: {} }),
    operation('pay:session.create', 'create', { properties: {} }),
  ],
}

export function fakePlan(changes: Partial<Plan> = {}): Plan {
  return {
    id: 'plan-1',
    digest: '9c1e77ab'.padEnd(64, '0'),
    createdAt: '2026-11-01T00:00:00.000Z',
    expiresAt: '2026-11-02T00:00:00.000Z',
    actor: 'if://person/ana',
    session: 's',
    source: { kind: 'intent', instance: 'shop', operation: 'payment.create', input: { amount: 2500, currency: 'GBP' } },
    onFailure: 'stop',
    budgetUsd: null,
    steps: [planStep('step')],
    estimateUsd: 0.73,
    maxUsd: 0.73,
    verdict: {
      decision: 'ask',
      reasons: [{ rule: 'default/charge', decision: 'ask', text: 'charge asks for 1 approver', step: 'step' }],
    },
    basis: { version: '0.1.0', manifests: {}, instances: {}, policy: 'p' },
    ...changes,
  }
}

export function planStep(id: string, changes: Partial<Plan['steps'][number]> = {}): Plan['steps'][number] {
  return {
    id,
    instance: 'shop',
    provider: 'pay',
    operation: 'payment.create',
    effect: 'charge',
    input: { amount: 2500, currency: 'GBP' },
    request: {
      transport: 'http',
      method: 'POST',
      url: 'https://api.pay.example/v1/payments',
      headers: {
        Authorization: 'Bearer <PAY_KEY>',
        'Content-Type': 'application/x-www-form-urlencoded',
        'Idempotency-Key': '$key',
      },
      body: { amount: '2500' },
      bodyText: 'amount=2500&metadata%5Breference%5D=1842',
    },
    around: [],
    estimateUsd: 0.73,
    maxUsd: 0.73,
    costBasis: '1.5 % + £0.20, prices of 2026-11-01',
    moves: { amount: 2500, currency: 'GBP', direction: 'in' },
    undo: { operation: 'payment.cancel' },
    after: [],
    knownAfter: [],
    unset: [],
    ...changes,
  }
}

export function stepRecord(id: string, changes: Partial<StepRecord> = {}): StepRecord {
  return {
    run: RUN_ID,
    id,
    state: 'done',
    token: 1,
    instance: 'shop',
    operation: 'payment.create',
    effect: 'charge',
    costMicroUsd: 730_000,
    durationMs: 41,
    verified: 'confirmed',
    result: { id: 'pi_1', status: 'succeeded' },
    ...changes,
  }
}

/** A hard budget of 50 dollars a day, of which 4.10 are spent. */
export const budgetView = (changes: Partial<BudgetView> = {}): BudgetView => ({
  name: 'day',
  kind: 'cost',
  currency: 'USD',
  per: 'day',
  timeZone: 'UTC',
  hard: true,
  limitUsd: 50,
  settledUsd: 4.1,
  heldUsd: 0,
  limit: 50_000_000,
  settled: 4_100_000,
  held: 0,
  mode: 'normal',
  resetsAt: null,
  ...changes,
})

export const RUN_ID = '01KAVXQ3ZZ00000000R6A02XYZ'

export function fakeRun(state: Run['state'] = 'done', steps: StepRecord[] = [stepRecord('step')]): Run {
  return {
    id: RUN_ID,
    plan: '9c1e77ab'.padEnd(64, '0'),
    state,
    actor: 'if://person/ana',
    startedAt: '2026-11-01T00:00:00.000Z',
    endedAt: '2026-11-01T00:00:00.412Z',
    costUsd: 0.73,
    money: { mode: 'normal', budget: null, leftUsd: null, limitUsd: null },
    receipts: steps.map((step) => ({
      run: RUN_ID,
      step: step.id,
      instance: step.instance,
      operation: step.operation,
      state: step.state,
      result: step.result ?? null,
      verified: step.verified ?? null,
      costUsd: step.costMicroUsd / 1e6,
      durationMs: step.durationMs ?? 0,
      vendorRequestId: null,
      witness: 1042,
    })),
    record: {
      id: RUN_ID,
      plan: '9c1e77ab',
      name: 'shop payment.create',
      state,
      actor: 'if://person/ana',
      session: 's',
      startedAt: '2026-11-01T00:00:00.000Z',
      token: 1,
      holder: null,
      beat: 0,
      beatAt: '2026-11-01T00:00:00.000Z',
      cancelRequested: false,
      approved: true,
      costMicroUsd: 730_000,
      steps: steps.map(({ id }) => id),
      witness: { customer: 1044 },
    },
    steps,
  }
}

/** What every test may rely on, with what this one needs on top. */
export function fakeFabric(own: Partial<Fabric> = {}): Fabric & { closed: () => boolean } {
  let closed = false
  const base: Partial<Fabric> = {
    home: '/srv/ana/.ifab',
    way: { kind: 'home', home: '/srv/ana/.ifab' },
    actor: 'if://person/ana',
    session: 's',
    trace: { traceId: 'a'.repeat(32), spans: [] },
    providers: async () => [{ ...PROVIDER, operations: PROVIDER.operations.map(({ id }) => id) }],
    provider: async (id) => {
      if (id === PROVIDER.id) return PROVIDER
      const { FabricError } = await import('../../../src/foundation/index.ts')
      throw new FabricError('IF_ERR_UNKNOWN_PROVIDER', `there is no provider ${id}`)
    },
    instances: async () => [
      {
        version: 1,
        name: 'shop',
        provider: 'pay',
        tags: { env: 'sandbox' },
        settings: {},
        secrets: {},
        privateNetwork: false,
        timeout: '30s',
      },
    ],
    budgets: async () => [],
    touched: async () => ({ private: [], untrusted: [], swarms: [] }),
    close: async () => {
      closed = true
    },
  }
  const known = { ...base, ...own, closed: () => closed }
  return new Proxy(known, {
    get(target, name) {
      if (name in target) return target[name as keyof typeof target]
      if (name === 'then') return undefined
      return () => Promise.reject(new Error(`the fake fabric was not told about ${String(name)}`))
    },
  }) as Fabric & { closed: () => boolean } // the proxy throws for what is missing
}
