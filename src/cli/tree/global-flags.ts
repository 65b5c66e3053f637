// Flags that every command takes.
import { LOG_LEVELS } from '../../foundation/index.ts'
import type { FlagSpec } from '../command-spec.ts'

export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: '--json', description: 'Exactly one JSON document on stdout; errors as {"error":{…}} on stderr.' },
  { name: '--why', value: 'REASON', description: 'Your justification, kept in every witness entry of the action.' },
  { name: '--explain', description: 'Show the rules and figures behind each decision.' },
  {
    name: '--trace',
    value: 'ID',
    valueForm: /^[0-9a-f]{32}$/,
    description: 'Show each stage with its time, under a trace id (32 hex digits; a new one without a value).',
  },
  {
    name: '--mode',
    value: 'MODE',
    choices: ['falsify'],
    description:
      'falsify: try to refute what the plan takes for granted; performs nothing, exit 1 if anything was refuted.',
  },
  { name: '--no-input', description: 'Never ask a question, as without a terminal.' },
  {
    name: '--home',
    value: 'DIR',
    offers: 'file',
    description: 'The home to work on. Default IFAB_HOME, else ~/.ifab.',
  },
  {
    name: '--context',
    value: 'NAME',
    offers: 'context',
    description: 'The daemon to use, by its name in `ifab context list`. Default: IFAB_URL, else that of the home.',
  },
  { name: '--actor', value: 'ADDRESS', description: 'Who acts, such as if://agent/refunds. Default: you.' },
  { name: '--session', value: 'NAME', description: 'Default IFAB_SESSION, else one per actor and day.' },
  { name: '--log-level', value: 'LEVEL', choices: LOG_LEVELS, description: 'Log lines on stderr. Default warn.' },
  { name: '--no-color', description: 'No colours, as with NO_COLOR or without a terminal.' },
]
