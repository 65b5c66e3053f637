// The Cedar schema of what the guard judges, generated from the vocabulary and the manifests: by it a policy with a
// misspelt operation, provider or field is refused when it is loaded, and editors complete what one types.
import { FIXED_GROUPS, groupsByOperation, type OperationFacts } from './operation-facts.ts'

const TYPES = `// Who acts. if://agent/refunds is Agent::"refunds"; who works for a swarm is in it.
entity Swarm;
entity Person, Session, Agent, Service in [Swarm];

// On what: an instance, in its provider and in the environment that its tag \`env\` names; all its tags by getTag.
entity Environment;
entity Instance in [Provider, Environment] { provider: String } tags String;

type SessionFacts = {
  id: String,
  // It has read what is private, and taken in what strangers wrote.
  private: Bool,
  untrusted: Bool,
  // The action answers where what it has taken in came from.
  answersSource: Bool,
  spentMicroUsd: Long,
};

type ActionFacts = {
  // What a payment moves, in minor units: direction is "in" or "out".
  amount?: Long,
  currency?: String,
  direction?: String,
  destination?: String,
  // When, in UTC; weekday 1 is Monday.
  time: datetime,
  hour: Long,
  weekday: Long,
  // What the call costs us at most; absent where that is unknown.
  maxCostMicroUsd?: Long,
  // Steps of the plan.
  planSize: Long,
  // The reason given with --why; "" where there is none.
  why: String,
  onBehalfOf?: String,
  task?: String,
  session: SessionFacts,
};
`

const APPLIES =
  'appliesTo { principal: [Person, Swarm, Session, Agent, Service], resource: [Instance], context: ActionFacts }'

/** Text of the schema. */
export function cedarSchemaOf(operations: readonly OperationFacts[]): string {
  const actions = groupsByOperation(operations)
  const groups = [...new Set([...FIXED_GROUPS, ...[...actions.values()].flat()])].sort()
  const providers = [...new Set(operations.map(({ provider }) => provider))].sort()
  return [
    TYPES,
    `entity Provider${providers.length > 0 ? ` enum [${list(providers)}]` : ''};`,
    '',
    '// Groups: families, effects, what carries something out, and what a vendor has beyond the vocabulary.',
    `action ${list(groups)};`,
    '',
    ...[...actions].map(([id, parents]) => `action ${quoted(id)} in [${list(parents)}] ${APPLIES};`),
    '',
  ].join('\n')
}

const list = (names: readonly string[]): string => names.map(quoted).join(', ')

const quoted = (name: string): string => JSON.stringify(name)
