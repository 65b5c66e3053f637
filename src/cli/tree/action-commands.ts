// Commands that act, or look at what was done: plan, apply, call, run, undo, approval, budget.
import type { ArgumentSpec, CommandSpec, FlagSpec } from '../command-spec.ts'

export const INTENT: readonly ArgumentSpec[] = [
  {
    name: 'INSTANCE',
    description: 'Name of an instance, a provider id, or any (any:TAG=VALUE): the fabric chooses, and fails over.',
    offers: 'instance',
  },
  { name: 'OPERATION', description: 'Such as payment.create; `ifab ops QUERY` searches.', offers: 'operation' },
  {
    name: 'key=value',
    many: true,
    description: 'Input, typed by the operation. key:=JSON, key@=FILE, a.b=1 nests, a repeated key is a list.',
    offers: 'assignment',
  },
]

export const INPUT: FlagSpec = {
  name: '--input',
  value: 'SOURCE',
  offers: 'file',
  description: "The whole input as JSON: a file, - for standard input, or '{…}'. key=value goes on top.",
}
const PLAYBOOK: FlagSpec = {
  name: '--file',
  short: '-f',
  value: 'PLAYBOOK',
  offers: 'file',
  description: 'A playbook; key=value are its inputs.',
}
const TIMEOUT: FlagSpec = {
  name: '--timeout',
  value: 'TIME',
  description: 'Of each call, such as 30s. Default: that of the instance.',
}
const CLAIM: FlagSpec = {
  name: '--claim',
  value: 'TASK:TOKEN',
  description: 'The claim you act under: once it has ended nothing more leaves. Default: IFAB_CLAIM.',
}
const PARALLELISM: FlagSpec = { name: '--parallelism', value: 'N', description: 'Steps at the same time. Default 10.' }
const RUN: ArgumentSpec = {
  name: 'RUN',
  required: true,
  offers: 'run',
  description: 'Id of a run, a unique piece of it, or last.',
}
const PLAN: ArgumentSpec = {
  name: 'PLAN',
  required: true,
  offers: 'plan',
  description: 'Digest of the plan, a unique piece of it, or last.',
}

export const ACTION_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['plan'],
    summary: 'Show exactly what would happen; nothing is sent, no credential is needed.',
    details: 'Exits 0 whatever the verdict; with --check 3 where it is denied and 9 where it asks for an approval.',
    args: INTENT,
    flags: [
      PLAYBOOK,
      INPUT,
      {
        name: '--out',
        value: 'FILE',
        offers: 'file',
        description: 'Write the plan as JSON, for `ifab apply --plan FILE`.',
      },
      { name: '--check', description: 'Exit 3 where it is denied, 9 where it asks: for CI.' },
    ],
    falsifies: true,
    examples: [
      'ifab plan stripe payment.create amount=2500 currency=GBP source=pm_card_visa reference=1842',
      "ifab plan slack message.send to='#general' text='hello'",
      'ifab plan -f refund.yaml payment=pi_3Nx amount=1200 --check --json',
      'ifab plan -f refund.yaml payment=pi_3Nx amount=1200 --mode=falsify',
    ],
  },
  {
    path: ['apply'],
    summary: 'Do it: a stored plan, a playbook, or one operation.',
    details:
      'One word is the plan. Where a rule asks for an approval, a person at a terminal is asked; elsewhere exit 9. Ctrl-C once starts nothing more and waits, twice ends at once.',
    args: [{ ...INTENT[0], name: 'INSTANCE|PLAN', offers: 'plan' } as ArgumentSpec, ...INTENT.slice(1)],
    flags: [
      PLAYBOOK,
      {
        name: '--plan',
        value: 'PLAN',
        offers: 'plan',
        description: 'A stored plan by digest, or a file of `ifab plan --out`.',
      },
      INPUT,
      { name: '--dry-run', description: 'All but the send: judge and reserve, then give the reservation back.' },
      {
        name: '--resume',
        value: 'RUN',
        offers: 'run',
        description: 'Go on with a run that stopped; nothing done is repeated.',
      },
      {
        name: '--wait',
        value: 'TIME',
        valueForm: /^\d+(ms|s|m|h|d)$/,
        description: 'Wait until somebody grants what a rule asks for, so long at most; without it exit 9 at once.',
      },
      { name: '--approve', description: 'Approve as the person you are, without a question; only with --plan.' },
      {
        name: '--stream',
        description:
          'Print the answer as it comes; with --json as JSON Lines, the run last. Ctrl-C keeps what had come.',
      },
      {
        name: '--twin',
        description:
          'The same on twins of this process, in a home of their own: a rehearsal from which nothing leaves.',
      },
      CLAIM,
      PARALLELISM,
      TIMEOUT,
    ],
    falsifies: true,
    examples: [
      "ifab apply --plan 9c1e77ab --why 'order 1842, phoned in'",
      'ifab apply -f refund.yaml payment=pi_3Nx amount=1200 --twin',
      'ifab apply 9c1e77ab',
      "ifab apply slack message.send to='#general' text='hello'",
      'ifab apply -f refund.yaml payment=pi_3Nx amount=1200',
      'ifab apply openai completion.create --input prompt.json --stream',
      'ifab apply --resume last',
    ],
  },
  {
    path: ['call'],
    summary: 'Read something; streams come as JSON Lines until Ctrl-C.',
    args: INTENT.map((argument, at) => (at < 2 ? { ...argument, required: true } : argument)),
    flags: [INPUT, TIMEOUT],
    examples: ['ifab call stripe balance.get', 'ifab call home-assistant state.watch id=light.studio'],
  },
  {
    path: ['run', 'list'],
    summary: 'Runs, newest first.',
    flags: [
      { name: '--failed', description: 'Only runs that failed or whose outcome is unknown.' },
      { name: '--since', value: 'TIME', description: 'Only runs begun within this time, such as 12h.' },
      { name: '--limit', value: 'N', description: 'At most so many. Default 20.' },
    ],
    examples: ['ifab run list', 'ifab run list --failed --since 12h'],
  },
  {
    path: ['run', 'show'],
    summary: 'A run with its steps, or one step with what was sent and received.',
    args: [RUN, { name: 'STEP', description: 'Id of a step.' }],
    examples: ['ifab run show last', 'ifab run show 91c0 billing'],
  },
  {
    path: ['run', 'cancel'],
    summary: 'Start nothing more of a run, in whatever process it goes on.',
    args: [RUN],
    examples: ["ifab run cancel 91c0 --why 'wrong customer'"],
  },
  {
    path: ['run', 'settle'],
    summary: 'Say what became of a step whose outcome is unknown.',
    details: 'Only a person may. Frees the reservation and is witnessed; --why is required.',
    args: [RUN, { name: 'STEP', required: true, description: 'Id of the step.' }],
    flags: [
      { name: '--as', value: 'OUTCOME', choices: ['done', 'not-done'], description: 'What you found at the provider.' },
      {
        name: '--result',
        value: 'JSON',
        description: 'What the provider made, where later steps need it: \'{"id":"…"}\'.',
      },
    ],
    examples: ["ifab run settle 91c0 tell --as done --why 'seen in #launch at 02:14'"],
  },
  {
    path: ['undo'],
    summary: 'Take back a run, or one step of it.',
    args: [{ name: 'RUN|RUN/STEP', required: true, offers: 'run', description: 'A run, or one step of it.' }],
    flags: [CLAIM, PARALLELISM, TIMEOUT],
    examples: ['ifab undo 6a02', "ifab undo 6a02/ticket --why 'wrong price'"],
  },
  {
    path: ['approval', 'list'],
    summary: 'What waits for a yes, and what was decided.',
    examples: ['ifab approval list'],
  },
  {
    path: ['approval', 'show'],
    summary: 'One request for approval, with the plan it is about.',
    args: [PLAN],
    examples: ['ifab approval show 9c1e77ab'],
  },
  {
    path: ['approval', 'grant'],
    summary: 'Say yes to a plan. Only persons may.',
    args: [PLAN],
    examples: ["ifab approval grant 9c1e77ab --why 'order 1842 is real'"],
  },
  {
    path: ['approval', 'deny'],
    summary: 'Say no to a plan. Only persons may.',
    args: [PLAN],
    examples: ["ifab approval deny 9c1e77ab --why 'twice the price'"],
  },
  {
    path: ['budget', 'list'],
    summary: 'Budgets: limit, spent, reserved, left.',
    examples: ['ifab budget list'],
  },
]
