// The fabric of one home as one actor uses it: command, library and daemon all work through this face.
import { basename } from 'node:path'
import type { Coordinator } from '../coordinator/index.ts'
import {
  FabricError,
  isFabricError,
  type JsonObject,
  optional,
  shortId,
  timestamp,
  usdOf,
} from '../foundation/index.ts'
import type { Escalations } from '../governor/index.ts'
import { openFence, type TaskClaim } from '../pipeline/index.ts'
import {
  attemptsKey,
  callOnce,
  type FinishedRun,
  findPlan,
  follow,
  isPlanCurrent,
  openRuns,
  type Plan,
  parsePlan,
  planDigest,
  storePlan,
} from '../runs/index.ts'
import type { Composition } from './acting.ts'
import { listBudgets, moneyOf } from './budget-views.ts'
import { claimEnds } from './claim-ends.ts'
import { connectInstance } from './consents.ts'
import { checkHealth } from './doctor.ts'
import { falsifyPlan } from './falsify.ts'
import { governingOf } from './governing.ts'
import { hooksOf } from './hooks.ts'
import { addInstance, removeInstance, setSecret, testInstance, testSecret } from './instances.ts'
import { layered } from './layered.ts'
import { modulesOf, vaultKeysOf } from './modules.ts'
import { actingWith, makeAndStore, planFrom, readPlaybook } from './planning.ts'
import type { Fabric, Intent, PlanOptions, Receipt, ServedTwins } from './port.ts'
import { detailOf, summaryOf } from './providers.ts'
import { streamOf } from './stream.ts'
import { askedToStream, requireStream } from './streaming-plan.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'
import { serveTwins } from './twins.ts'
import { approvalView, runView } from './views.ts'

export interface FaceOptions {
  /** Of the home, opened at the first call. */
  coordinator: () => Promise<Coordinator>
  /** Of the home, opened at the first call. */
  escalations: () => Promise<Escalations>
  end: () => Promise<void>
}

/** The face of an actor; `end` is called when it is closed, after what it watches and serves has ended. */
export function fabricOf(parts: Composition, { coordinator, escalations, end }: FaceOptions): Fabric {
  const runs = openRuns(
    layered(parts, {
      replan: (plan: Plan) => planFrom(parts, plan.source, plan),
      isCurrent: async (plan: Plan) => (await isPlanCurrent(parts, plan)) && !(await hasTouched(parts)),
      fenceOf: async (claim: TaskClaim) => {
        const kept = await coordinator()
        const { holder, swarm } = await kept.get(claim.task)
        return openFence(claim, ({ task, token }) => kept.fence(task, token), holder?.swarm ?? swarm)
      },
    }),
  )
  const { store, clock, redactor, acting, trace } = parts
  const faceOf = (of: Composition) => fabricOf(of, { coordinator, escalations, end: async () => undefined })
  const watching = new AbortController()
  const served = new Set<ServedTwins>()
  const view = async (run: FinishedRun) => runView(run, await moneyOf(parts, run.record.claim?.task), redactor)
  const plan: Fabric['plan'] = async (intent, { stream, ...how } = {}) => {
    const { instance, operation, input } = stream ? askedToStream(intent) : intent
    const made = await makeAndStore(parts, { kind: 'intent', instance, operation, input }, how)
    return stream ? requireStream(made, intent) : made
  }
  const apply: Fabric['apply'] = async (of, how) => view(await runs.apply(of, how))

  return {
    home: parts.home.path,
    way: { kind: 'home', home: parts.home.path },
    ...optional('project', parts.project?.view),
    actor: acting.actor,
    session: acting.session,
    trace,

    async providers() {
      const instances = await parts.instances.list()
      const loaded = await Promise.all((await parts.catalogue.ids()).map((id) => parts.catalogue.load(id)))
      return loaded.map((provider) => summaryOf(provider, instances))
    },
    async provider(id) {
      return detailOf(await parts.catalogue.load(id), await parts.instances.list())
    },

    instances: () => parts.instances.list(),
    instance: (name) => parts.instances.get(name),
    addInstance: (add) => addInstance(parts, parts.project?.completed(add) ?? add),
    removeInstance: (name) => removeInstance(parts, name),
    testInstance: (name, test = {}) => testInstance(parts, name, test.signal),

    connectInstance: (name, how) => connectInstance(parts, name, how),

    testSecret: (instance, name, secret, how = {}) =>
      testSecret(parts, { name: instance, key: name, secret }, how.signal),
    setSecret: (instance, name, secret) => setSecret(parts, instance, name, secret),
    secrets: (instance) => listSecrets(parts, instance),

    plan,
    async planPlaybook(file, inputs, how = {}) {
      const text = how.text ?? (await readPlaybook(file))
      return makeAndStore(parts, { kind: 'playbook', name: basename(file), file, text, inputs }, how)
    },
    readPlan: (reference) => findPlan(store, reference, acting.actor),
    async importPlan(value) {
      const plan = parsePlan(value, 'the plan')
      const { digest, ...rest } = plan
      const current = await planFrom(parts, plan.source, plan)
      if (planDigest(rest) !== digest) {
        throw new FabricError('IF_ERR_INVALID_FILE', `the plan was altered: its digest is not ${shortId(digest)}`, {
          hint: 'Plan again.',
        })
      }
      if (current.digest !== digest) {
        throw new FabricError('IF_ERR_PLAN_MOVED', `plan ${shortId(digest)} would be another one here and now`, {
          hint: 'Instances, manifests, policy, or what the session has touched differ: plan again here.',
        })
      }
      // Whose id it is decides whether it was applied before.
      await storePlan(store, plan)
      return plan
    },
    falsify: (plan, how = {}) => falsifyPlan(parts, plan, (again) => planFrom(parts, again.source, again), how.signal),

    apply,
    stream: (intent, how) => streamOf({ plan, apply }, intent, how),
    resume: async (run, how) => view(await runs.resume(run, how)),
    async undo(reference, how) {
      const [run = '', ...step] = reference.split('/')
      return view(await runs.undo(run, step.length > 0 ? step.join('/') : undefined, how))
    },
    settle: async (run, step, as, how) => view(await runs.settle(run, step, as, how)),
    cancel: async (run, how = {}) => view(await runs.cancel(run, how)),
    async runs({ state, sinceMs, limit } = {}) {
      const since = sinceMs === undefined ? '' : timestamp(clock.now() - sinceMs)
      const found = (await runs.list()).filter(
        (run) => (state === undefined || run.state === state) && run.startedAt >= since,
      )
      return limit === undefined ? found : found.slice(0, limit)
    },
    run: async (reference) => view(await runs.find(reference)),
    async attempts(run, step) {
      const { record } = await runs.find(run)
      return ((await store.get<JsonObject>(attemptsKey(record.id, step)))?.value ?? undefined) as JsonObject | undefined
    },

    ...modulesOf(parts, { faceOf, onClaimEnd: claimEnds(coordinator) }),
    ...vaultKeysOf(parts),

    call: (intent, how = {}) => call(parts, intent, how),
    watch: (intent, how = {}) =>
      follow(parts, intent, {
        acting: actingWith(parts, how),
        trace,
        signal: how.signal ? AbortSignal.any([how.signal, watching.signal]) : watching.signal,
      }),

    async approvals() {
      return (await parts.approvals.list()).map((record) => approvalView(record, clock.now()))
    },
    approval: async (reference) => approvalView(await findApproval(parts, reference), clock.now()),
    async decideApproval(reference, decision, { why }) {
      const by = actingWith(parts, why === undefined ? {} : { why })
      const { plan } = await findApproval(parts, reference).catch(async (thrown: unknown) => {
        if (isFabricError(thrown)) await parts.approvals.refused(reference, by, thrown)
        throw thrown
      })
      const state = decision === 'grant' ? 'granted' : 'denied'
      return approvalView(await parts.approvals.decide(plan, state, by), clock.now())
    },
    budgets: () => listBudgets(parts),
    money: ({ task } = {}) => moneyOf(parts, task),

    async *witnessEntries({ from, limit, reverse, run } = {}) {
      const entries = parts.witness.entries(store, {
        ...(from === undefined ? {} : { from }),
        ...(limit === undefined ? {} : { limit }),
        ...(reverse === undefined ? {} : { reverse }),
        ...(run === undefined ? {} : { filter: (entry) => entry.run === run }),
      })
      for await (const entry of entries) yield entry as unknown as JsonObject // sealed entries are plain JSON
    },
    async verifyWitness() {
      const report = await parts.witness.verify(store)
      return { ...report, origin: parts.witness.origin }
    },

    ...governingOf(parts, escalations),
    ...hooksOf(parts, watching.signal),

    coordinator,

    createToken: (create) => createToken(parts, create),
    tokens: () => listTokens(parts),
    revokeToken: (reference) => revokeToken(parts, reference),

    async serveTwins(serve) {
      const twins = await serveTwins(parts, serve)
      served.add(twins)
      return {
        ...twins,
        close: () => {
          served.delete(twins)
          return twins.close()
        },
      }
    },
    doctor: () => checkHealth(parts),
    async close() {
      watching.abort()
      await Promise.all([...served].map((twins) => twins.close()))
      served.clear()
      await end()
    },
  }
}

async function call(parts: Composition, intent: Intent, how: PlanOptions & { signal?: AbortSignal }): Promise<Receipt> {
  const outcome = await callOnce(parts, intent, {
    acting: actingWith(parts, how),
    trace: parts.trace,
    ...(how.signal ? { signal: how.signal } : {}),
  })
  return {
    run: null,
    step: 'call',
    instance: outcome.instance,
    operation: outcome.operation,
    state: 'done',
    result: outcome.result ?? null,
    verified: null,
    costUsd: usdOf(outcome.costMicroUsd),
    durationMs: Math.round(outcome.durationMs * 10) / 10,
    vendorRequestId: outcome.vendorRequestId ?? null,
    witness: outcome.witness,
  }
}

async function findApproval(parts: Composition, reference: string) {
  const found = (await parts.approvals.list()).filter((record) => record.plan.startsWith(reference.toLowerCase()))
  const [record, second] = found
  if (!record || reference === '')
    throw new FabricError('IF_ERR_NOT_FOUND', `no approval is asked for a plan ${reference}`, {
      next: 'ifab approval list',
    })
  if (second)
    throw new FabricError('IF_ERR_NOT_FOUND', `${reference} names more than one plan`, {
      hint: 'Write more of its digest.',
    })
  return record
}

/** Every secret of the instances, stored or referenced; never a value. */
async function listSecrets(parts: Composition, only: string | undefined) {
  const stored = new Map(
    (await parts.vault.list()).map((secret) => [`${secret.instance}/${secret.name}`, secret.setAt]),
  )
  const instances = (await parts.instances.list()).filter((instance) => only === undefined || instance.name === only)
  return instances.flatMap((instance) =>
    Object.entries(instance.secrets).map(([name, kind]) => {
      const setAt = kind === 'vault' ? stored.get(`${instance.name}/${name}`) : undefined
      return { instance: instance.name, name, kind, setAt: setAt === undefined ? null : timestamp(setAt) }
    }),
  )
}

/** Whether a rule about sequences may see more by now than when a plan was made. */
async function hasTouched({ sequences, acting }: Composition): Promise<boolean> {
  const { session, swarm } = acting
  const touched = await sequences.show({ session, ...optional('swarm', swarm) })
  return touched.private.length > 0 || touched.untrusted.length > 0
}
