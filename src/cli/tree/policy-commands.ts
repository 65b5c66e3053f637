// Commands about policies: which hold, whether files are right, what they decide, what they would have decided.
import type { CommandSpec, FlagSpec } from '../command-spec.ts'
import { INPUT, INTENT } from './action-commands.ts'

const ON_BEHALF_OF: FlagSpec = {
  name: '--on-behalf-of',
  value: 'ADDRESS',
  description: 'For whom it would be done, such as if://person/ana.',
}

export const POLICY_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['policy', 'list'],
    summary: 'The policies that hold, with file and line, and what is wrong with the files now.',
    examples: ['ifab policy list', 'ifab policy list --json'],
  },
  {
    path: ['policy', 'check'],
    summary: 'Check policy files: Cedar, and resource-policy.yaml; exit 2 where one is wrong.',
    details: 'Without FILE all that this home and the project here are judged by. Nothing is changed.',
    args: [{ name: 'FILE', many: true, offers: 'file', description: '*.cedar or *.yaml.' }],
    examples: ['ifab policy check', 'ifab policy check policies/support.cedar'],
  },
  {
    path: ['policy', 'test'],
    summary: 'Run table tests of policies; exit 1 where a case fails.',
    args: [{ name: 'FILE', required: true, many: true, offers: 'file', description: 'Files of cases, YAML.' }],
    examples: ['ifab policy test policies/support.test.yaml'],
  },
  {
    path: ['policy', 'explain'],
    summary: 'How an action would be judged now, and by which policies; nothing is planned or sent.',
    details: 'Shows what applies and what only its conditions keep from applying; --explain every policy.',
    args: INTENT.map((argument, at) => (at < 2 ? { ...argument, required: true } : argument)),
    flags: [INPUT, ON_BEHALF_OF],
    examples: [
      "ifab policy explain stripe refund.create payment=pi_3Nx amount=250000 --why 'ticket 881'",
      "ifab policy explain slack message.send to='#launch' text=hello --actor if://agent/refunds",
    ],
  },
  {
    path: ['policy', 'what-if'],
    summary: 'Which past decisions would be others if this file stood in the policies of the home.',
    details: 'It takes the place of the file of the same name. Each decision is judged again on the facts of its time.',
    args: [{ name: 'FILE', required: true, offers: 'file', description: 'A *.cedar file, new or changed.' }],
    flags: [{ name: '--check', description: 'Exit 1 where any would be another: for CI.' }],
    examples: ['ifab policy what-if drafts/support.cedar', 'ifab policy what-if drafts/support.cedar --check --json'],
  },
]
