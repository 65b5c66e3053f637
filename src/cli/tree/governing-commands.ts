// Commands by which people govern a home: the kill switch, swarms and who can help, breakers, blockers, what sessions have
// touched.
import type { ArgumentSpec, CommandSpec, FlagSpec } from '../command-spec.ts'

const ALL: FlagSpec = { name: '--all', description: 'Everything.' }
const ONE_SWARM: FlagSpec = { name: '--swarm', value: 'SWARM', offers: 'swarm', description: 'This swarm.' }
const ONE_INSTANCE: FlagSpec = {
  name: '--instance',
  value: 'INSTANCE',
  offers: 'own-instance',
  description: 'This instance.',
}
const OF_TASK: FlagSpec = { name: '--task', value: 'TASK', offers: 'task', description: 'Only of this task.' }

const SWARM: ArgumentSpec = { name: 'SWARM', required: true, offers: 'swarm', description: 'Name of a swarm.' }
const ESCALATION: ArgumentSpec = {
  name: 'REF',
  required: true,
  offers: 'escalation',
  description: 'An escalation as the list names it, a unique piece of it, its task, or last.',
}
const INVITE: ArgumentSpec = {
  name: 'INVITE',
  required: true,
  offers: 'invite',
  description: 'Id of an invitation, a unique piece of it, or last.',
}

export const GOVERNING_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['freeze'],
    summary: 'Stop everything, one swarm or one instance at once, in every process; reads too.',
    details:
      'Only persons may, with --why, which everybody who is stopped is shown. Nothing more leaves; streams are cut, and a call that has left is read to its end, so that its outcome is known. It stays frozen until `ifab thaw`. With --list: what is frozen.',
    flags: [ALL, ONE_SWARM, ONE_INSTANCE, { name: '--list', description: 'Show what is frozen; changes nothing.' }],
    examples: [
      "ifab freeze --all --why 'an agent has gone astray'",
      "ifab freeze --swarm support --why 'looks into ticket 881'",
      "ifab freeze --instance stripe --why 'key may have leaked'",
      'ifab freeze --list',
    ],
  },
  {
    path: ['thaw'],
    summary: 'Let go on what was frozen. Only persons may.',
    details: 'What was frozen apart stays frozen: --all lifts only what --all froze.',
    flags: [ALL, ONE_SWARM, ONE_INSTANCE],
    examples: ["ifab thaw --all --why 'it was a test'", "ifab thaw --instance stripe --why 'new key is in'"],
  },
  {
    path: ['governor', 'register'],
    summary: 'Say what a swarm can do, what an hour of it costs and how it is doing.',
    details: 'Registering again changes what is given; the rest stays.',
    args: [SWARM],
    flags: [
      {
        name: '--capability',
        value: 'CAPABILITY',
        many: true,
        description: 'What it can do, such as payment:refund. Repeatable; all of them each time.',
      },
      { name: '--cost-per-hour', value: 'USD', description: 'What an hour of it costs.' },
      { name: '--reputation', value: 'R', description: '0 to 1, until there are runs to measure. Default 1.' },
      { name: '--budget', value: 'USD', description: 'What it may still cost; none takes the limit away.' },
      { name: '--model', value: 'MODEL', description: 'What it thinks with, in words.' },
      { name: '--load', value: 'N/LIMIT', description: 'Tasks it works on, of how many at once: 2/5, or 2.' },
    ],
    examples: [
      'ifab governor register refunds --capability payment:refund --capability support:triage --cost-per-hour 0.50',
      'ifab governor register refunds --load 2/5 --budget 20',
    ],
  },
  {
    path: ['governor', 'profiles'],
    summary: 'Registered swarms: what they can do, what they cost, how they are doing.',
    examples: ['ifab governor profiles', 'ifab governor profiles --json'],
  },
  {
    path: ['governor', 'unregister'],
    summary: 'Forget what a swarm said of itself; it is no longer found as a helper.',
    args: [SWARM],
    examples: ["ifab governor unregister refunds --why 'retired'"],
  },
  {
    path: ['governor', 'find-help'],
    summary: 'Who can do something: the best alone, and the team that does it for least.',
    details:
      'Score: share of what is needed × reputation ÷ cost per hour. Exit 4 where neither one swarm nor a team matches well enough. --explain shows every candidate with why it stands where it does.',
    args: [
      {
        name: 'CAPABILITY',
        required: true,
        many: true,
        offers: 'capability',
        description: 'What is needed, such as payment:refund.',
      },
    ],
    flags: [
      { name: '--for', value: 'SWARM', offers: 'swarm', description: 'Who is stuck and asks; it is not asked itself.' },
      {
        name: '--hours',
        value: 'N',
        description: 'How long each works, by estimate. Default: governor.estimatedHours.',
      },
      {
        name: '--max-cost',
        value: 'USD',
        description: 'Of all helpers together. Default: that of the resource policy.',
      },
      { name: '--limit', value: 'N', description: 'Candidates at most. Default 10; all with --explain.' },
    ],
    examples: [
      'ifab governor find-help payment:refund',
      'ifab governor find-help payment:refund integration:sip --for support --hours 2 --max-cost 5 --explain',
    ],
  },
  {
    path: ['governor', 'budgets'],
    summary: 'Budgets: limit, spent, reserved, left; the same as `ifab budget list`.',
    examples: ['ifab governor budgets'],
  },
  {
    path: ['governor', 'money'],
    summary: 'What your tightest budget has left, and how to go about with it.',
    details: 'normal, then focus (half is left), consolidate (a fifth), stop (nothing).',
    flags: [{ ...OF_TASK, description: 'For this task.' }],
    examples: ['ifab governor money', 'ifab governor money --task last --json'],
  },
  {
    path: ['governor', 'breakers'],
    summary: 'Instances and swarms that fail: which breakers are open, since when, and until when.',
    examples: ['ifab governor breakers'],
  },
  {
    path: ['governor', 'reset-breaker'],
    summary: 'Close a breaker. Only persons may.',
    details: 'A swarm whose budget is used up needs a new one.',
    args: [
      { name: 'instance|swarm', required: true, description: 'Of which sort.' },
      { name: 'NAME', required: true, offers: 'breaker', description: 'Which one.' },
    ],
    flags: [{ name: '--budget', value: 'USD', description: 'What the swarm may cost from now on.' }],
    examples: [
      "ifab governor reset-breaker instance stripe --why 'stripe is back, seen on their status page'",
      "ifab governor reset-breaker swarm refunds --budget 20 --why 'approved by finance'",
    ],
  },
  {
    path: ['escalation', 'list'],
    summary: 'Tasks that are stuck: whom they went to, helpers or people. Oldest first.',
    flags: [
      OF_TASK,
      {
        name: '--state',
        value: 'STATE',
        choices: ['inviting', 'helped', 'person', 'resolved'],
        description: 'Only those that stand there.',
      },
    ],
    examples: ['ifab escalation list', 'ifab escalation list --state person'],
  },
  {
    path: ['escalation', 'show'],
    summary: 'One of them: what stops the task, who was asked, who was told.',
    args: [ESCALATION],
    examples: ['ifab escalation show last', 'ifab escalation show 4gz8k2m1'],
  },
  {
    path: ['escalation', 'ack'],
    summary: 'You have seen it: no more reminders. Only persons may.',
    args: [ESCALATION],
    examples: ['ifab escalation ack 4gz8k2m1'],
  },
  {
    path: ['escalation', 'snooze'],
    summary: 'No reminder before a time. Only persons may.',
    args: [ESCALATION],
    flags: [
      { name: '--for', value: 'TIME', description: 'From now on so long, such as 2h, or until a date. Required.' },
    ],
    examples: ["ifab escalation snooze 4gz8k2m1 --for 2h --why 'the vendor answers after lunch'"],
  },
  {
    path: ['escalation', 'resolve'],
    summary: 'Say that it is settled, and how: --why. Only persons may.',
    details: 'What was reserved for helpers is free again. The task itself goes on by `ifab task unblock`.',
    args: [ESCALATION],
    examples: ["ifab escalation resolve 4gz8k2m1 --why 'called the customer, no refund'"],
  },
  {
    path: ['invite', 'list'],
    summary: 'Invitations of swarms to help with what is stuck. Oldest first.',
    flags: [
      { ...ONE_SWARM, description: 'Only those of this swarm.' },
      OF_TASK,
      {
        name: '--state',
        value: 'STATE',
        choices: ['open', 'accepted', 'declined', 'expired', 'withdrawn'],
        description: 'Only those that stand there.',
      },
    ],
    examples: ['ifab invite list --state open', 'ifab invite list --swarm refunds --json'],
  },
  {
    path: ['invite', 'accept'],
    summary: 'Help: the word of the invited swarm, or of a person.',
    args: [INVITE],
    examples: ['ifab invite accept 5f2c81aa --actor if://swarm/refunds'],
  },
  {
    path: ['invite', 'decline'],
    summary: 'Do not help, or no longer; its share of the budget is free again.',
    args: [INVITE],
    examples: ["ifab invite decline 5f2c81aa --why 'no access to the bank'"],
  },
  {
    path: ['session', 'show'],
    summary: 'What a session has touched that is private or written by strangers.',
    details: 'What one session of a swarm has touched, all of them have.',
    args: [{ name: 'SESSION', description: 'Its name. Default: yours.' }],
    flags: [{ ...ONE_SWARM, description: 'All sessions of this swarm.' }],
    examples: ['ifab session show', 'ifab session show --swarm support'],
  },
  {
    path: ['session', 'clear'],
    summary: 'Let a session, or a whole swarm, start afresh. Only persons may, with --why.',
    args: [{ name: 'SESSION', description: 'Its name.' }],
    flags: [{ ...ONE_SWARM, description: 'All sessions of this swarm.' }],
    examples: [
      "ifab session clear night-shift --why 'what it read was public after all'",
      "ifab session clear --swarm support --why 'new shift, empty context'",
    ],
  },
]
