// What people govern a home by, beside plans and runs: the kill switch, breakers, what sessions have touched, swarms and
// who can help, blockers, policies. A part of the fabric's face.
import type {
  BreakerKind,
  BreakerRecord,
  EscalationRecord,
  EscalationState,
  FreezeRecord,
  FreezeTarget,
  Help,
  InviteRecord,
  InviteState,
  ProfileInput,
  ResourcePolicy,
  SwarmProfile,
} from '../governor/index.ts'
import type { CheckedPolicy, PolicyTrace, TouchedView, Verdict, WhatIfReport } from '../guard/index.ts'
import type { Intent } from './intent.ts'

/** Why a person decides something; kept in the log. */
export interface Because {
  why: string
}

export interface FindHelp {
  /** Capabilities. */
  needs: readonly string[]
  /** Who asks gives no help. */
  blockedSwarm?: string
  /** Default: the config's `governor.estimatedHours`. */
  hours?: number
  /** Of all helpers together; default: the resource policy's. */
  maxCostUsd?: number
  /** Candidates told at most. Default 10; all with `explain`. */
  max?: number
  explain?: boolean
}

/** The policies that hold, and what is wrong with their files, if anything. */
export interface PoliciesView {
  digest: string
  /** What is wrong with a file as it is now; the last good policies hold meanwhile. */
  fault: { message: string; hint: string | null } | null
  policies: CheckedPolicy[]
  resourcePolicy: ResourcePolicy
  /** What is wrong with resource-policy.yaml as it is now. */
  resourceFault: string | null
}

export interface Explanation {
  verdict: Verdict
  /** Every policy, with whether it applies. */
  policies: PolicyTrace[]
}

export interface Governing {
  /** Stops everything, one swarm or one instance, in every process within a second. Persons only. */
  freeze(target: FreezeTarget, because: Because): Promise<FreezeRecord>
  /** Lets it go on; IF_ERR_NOT_FOUND where exactly this is not frozen. Persons only. */
  thaw(target: FreezeTarget, because: Because): Promise<FreezeRecord>
  freezes(): Promise<FreezeRecord[]>

  /** Breakers that are open, half-open, or count failures. */
  breakers(): Promise<BreakerRecord[]>
  /** A person closes one; a swarm whose budget is used up needs a new one, in USD. */
  resetBreaker(kind: BreakerKind, name: string, because: Because & { budgetUsd?: number }): Promise<void>

  /** Registers a swarm, or changes what stands of it; what is left out stays. */
  registerSwarm(profile: ProfileInput, options?: { why?: string }): Promise<SwarmProfile>
  removeSwarm(swarm: string, options?: { why?: string }): Promise<SwarmProfile>
  swarmProfiles(): Promise<SwarmProfile[]>
  /** Who can help, best first, and the team that does it for least. */
  findHelp(request: FindHelp): Promise<Help>

  /** Blockers and what became of them, oldest first. */
  escalations(filter?: { task?: string; state?: EscalationState }): Promise<EscalationRecord[]>
  /** Seen: no more reminders. By id of the escalation, or its task. Persons only. */
  acknowledgeEscalation(reference: string, options?: { why?: string }): Promise<EscalationRecord>
  /** No reminder before a time (RFC 3339). Persons only. */
  snoozeEscalation(reference: string, options: { until: string; why?: string }): Promise<EscalationRecord>
  /** Ends it; the reason says how it was settled. Persons only. */
  resolveEscalation(reference: string, because: Because): Promise<EscalationRecord>
  invites(filter?: { swarm?: string; task?: string; state?: InviteState }): Promise<InviteRecord[]>
  /** The invited swarm's word, or a person's. */
  answerInvite(id: string, answer: 'accept' | 'decline', options?: { why?: string }): Promise<InviteRecord>

  /** What a session, or all sessions of a swarm, have touched; default: this session. */
  touched(of?: { session?: string; swarm?: string }): Promise<TouchedView>
  /** A person lets it start afresh. */
  clearTouched(which: { session: string } | { swarm: string }, because: Because): Promise<void>

  policies(): Promise<PoliciesView>
  /** How an intent is judged now, and every policy that was looked at. */
  explainIntent(intent: Intent, options?: { why?: string; onBehalfOf?: string }): Promise<Explanation>
  /** Past decisions that would be others if this text stood in the home's policies under this file name. */
  whatIfPolicy(file: { name: string; text: string }, options?: { signal?: AbortSignal }): Promise<WhatIfReport>
}
