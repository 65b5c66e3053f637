// The governing part of a home's fabric.
import { basename } from 'node:path'
import { operationOf, parseInput, preparedFor } from '../adapter/index.ts'
import { FabricError, microUsd, optional, usdOf } from '../foundation/index.ts'
import { budgetsFor, type Escalations, heldIn, type RegistryAct } from '../governor/index.ts'
import { createGuard, policySetOf, readPolicyFolders, whatIf } from '../guard/index.ts'
import { describeAction, planAction } from '../pipeline/index.ts'
import type { SealedEntry } from '../witness/index.ts'
import type { Composition } from './acting.ts'
import { swarmBudget } from './compose-governor.ts'
import { policySchema } from './compose-guard.ts'
import type { Because, Governing, PoliciesView } from './governing-port.ts'
import type { Intent } from './port.ts'

/** `escalations` opens those of the home at the first call. */
export function governingOf(parts: Composition, escalations: () => Promise<Escalations>): Governing {
  const { freezes, breakers, sequences, registry, resourcePolicy, acting } = parts
  const by = (why: string | undefined) => ({
    actor: acting.actor,
    session: acting.session,
    ...optional('swarm', acting.swarm),
    ...optional('why', why ?? acting.why),
  })
  const because = ({ why }: Because) => ({ ...by(why), why })

  return {
    freeze: (target, how) => freezes.freeze(target, because(how)),
    thaw: (target, how) => freezes.thaw(target, because(how)),
    freezes: async () => freezes.list(),

    breakers: async () => breakers.list(),
    resetBreaker: async (kind, name, { budgetUsd, ...how }) => {
      const newBudget = optional('newBudgetMicroUsd', budgetUsd === undefined ? undefined : microUsd(budgetUsd))
      await breakers.reset(kind, name, { ...because(how), ...newBudget })
      if (kind === 'swarm' && budgetUsd !== undefined) await raiseBudget(parts, name, budgetUsd, because(how))
    },

    registerSwarm: (profile, { why } = {}) => registry.register(profile, by(why)),
    removeSwarm: (swarm, { why } = {}) => registry.remove(swarm, by(why)),
    swarmProfiles: async () => registry.list(),
    findHelp: async ({ hours = parts.config.governor.estimatedHours, maxCostUsd, ...request }) =>
      registry.findHelp({
        ...request,
        hours,
        policy: resourcePolicy.current,
        ...optional('maxCostMicroUsd', maxCostUsd === undefined ? undefined : microUsd(maxCostUsd)),
      }),

    escalations: async (filter) => (await escalations()).list(filter),
    acknowledgeEscalation: async (reference, { why } = {}) => (await escalations()).acknowledge(reference, by(why)),
    snoozeEscalation: async (reference, { until, why }) =>
      (await escalations()).snooze(reference, { ...by(why), until }),
    resolveEscalation: async (reference, how) => (await escalations()).resolve(reference, because(how)),
    invites: async (filter) => (await escalations()).invites.list(filter),
    answerInvite: async (id, answer, { why } = {}) => (await escalations()).invites[answer](id, by(why)),

    // A swarm by itself, another session by itself; one's own with the swarm that it works for.
    touched: ({ session, swarm } = {}) =>
      sequences.show(
        session === undefined && swarm === undefined
          ? { session: acting.session, ...optional('swarm', acting.swarm) }
          : { session: session ?? '', ...optional('swarm', swarm) },
      ),
    clearTouched: async (which, how) => void (await sequences.clear(which, because(how))),

    policies: async () => policiesView(parts),
    explainIntent: (intent, how = {}) => explainIntent(parts, intent, how),
    whatIfPolicy: (file, { signal } = {}) => whatIfPolicy(parts, file, signal),
  }
}

/** What a swarm has spent and holds, and so much more, is what it may cost from now on. */
async function raiseBudget(parts: Composition, swarm: string, usd: number, by: RegistryAct): Promise<void> {
  const { registry, ledger } = parts
  const profile = registry.get(swarm)
  const rule = swarmBudget(profile)
  if (!profile || !rule) return // it has none of its own: those of config.yaml are raised there
  const [budget] = budgetsFor([rule], { swarm, session: '', actor: '', provider: '', instance: '', operation: '' })
  const record = await ledger.view(budget ?? rule)
  const { capabilities, costPerHourMicroUsd } = profile
  const budgetUsd = usdOf(record.settled + heldIn(record)) + usd
  await registry.register({ swarm, capabilities, costPerHourUsd: usdOf(costPerHourMicroUsd), budgetUsd }, by)
}

function policiesView({ policies, resourcePolicy }: Composition): PoliciesView {
  const { fault, current, digest } = policies
  return {
    digest,
    fault: fault ? { message: fault.message, hint: fault.hint ?? null } : null,
    policies: (current?.policies ?? []).map(({ rule, file, line, json, annotated: { text, ask } }) => ({
      rule,
      file,
      line,
      effect: json.effect,
      ...optional('text', text),
      ...optional('ask', ask),
    })),
    resourcePolicy: resourcePolicy.current,
    resourceFault: resourcePolicy.fault?.message ?? null,
  }
}

/** The intent judged as its step would be now; nothing is kept of it. */
async function explainIntent(parts: Composition, intent: Intent, how: { why?: string; onBehalfOf?: string }) {
  const instance = await parts.instanceOf(intent.instance)
  const provider = await parts.providerOf(instance.provider)
  const named = operationOf(provider, intent.operation)
  const input = parseInput(named, intent.input)
  const entry = await preparedFor(named, input)
  const { cost } = planAction({ provider, instance, entry, input })
  const acting = { ...parts.acting, ...optional('why', how.why), ...optional('onBehalfOf', how.onBehalfOf) }
  const action = await describeAction(parts, {
    acting,
    step: 'step',
    instance,
    provider,
    entry,
    input,
    cost,
    planSize: 1,
  })
  return { verdict: await parts.guard.judge(action), policies: parts.policies.explain(action) }
}

/** The policies that hold with this file among them, in place of those of the same name. */
async function whatIfPolicy(parts: Composition, file: { name: string; text: string }, signal?: AbortSignal) {
  const { store, clock, config, policyFolders, witness, judged } = parts
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.cedar$/.test(file.name)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(file.name)} is not the name of a policy file`, {
      hint: 'Only files such as refunds.cedar are read in the folder policies.',
    })
  }
  const name = `policies/${file.name}`
  const others = (await readPolicyFolders(policyFolders)).filter((other) => basename(other.name) !== file.name)
  const set = await policySetOf([...others, { name, text: file.text }], {
    schema: await policySchema(),
    groups: Object.keys(config.approverGroups),
    kept: { store, clock },
  })
  const guard = createGuard(config.policy, config.budgets, set)
  return whatIf({
    entries: witness.entries(store),
    judged,
    judge: (action) => guard.judge(action),
    known: (entry) => knownOf(parts, entry),
    ...optional('signal', signal),
  })
}

/** What is known today of an entry whose facts are gone. */
async function knownOf(parts: Composition, { instance: name, operation }: SealedEntry) {
  if (!name || !operation) return {}
  try {
    const instance = await parts.instanceOf(name)
    const provider = await parts.providerOf(instance.provider)
    return { tags: instance.tags, labels: operationOf(provider, operation).labels }
  } catch {
    return {} // the instance or the operation is gone since
  }
}
