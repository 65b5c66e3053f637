// Commands about what vendors send by themselves.
import type { CommandSpec, FlagSpec } from '../command-spec.ts'

const INSTANCE: FlagSpec = {
  name: '--instance',
  value: 'NAME',
  offers: 'own-instance',
  description: 'Only of this instance.',
}
const TYPE: FlagSpec = {
  name: '--type',
  value: 'TYPE',
  description: "Only of this type, in the vendor's words; payment_intent.* for all that start so.",
}

export const HOOK_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['hook', 'list'],
    summary: 'Events that vendors have sent, newest first.',
    details: 'Reading them marks the session, as their words are those of strangers: see `ifab session show`.',
    flags: [
      INSTANCE,
      TYPE,
      { name: '--since', value: 'TIME', description: 'Only of this time, such as 1h.' },
      { name: '--limit', value: 'COUNT', description: 'So many at most. Default 20.' },
    ],
    examples: [
      'ifab hook list',
      'ifab hook list --instance stripe --since 1h',
      "ifab hook list --type 'invoice.*' --json",
    ],
  },
  {
    path: ['hook', 'show'],
    summary: 'One event with all that the vendor sent.',
    args: [{ name: 'EVENT', required: true, description: "Its id, a piece of it, the vendor's id, or last." }],
    examples: ['ifab hook show last', 'ifab hook show evt_1NG8Du2eZvKYlo2CUI79vXWy'],
  },
  {
    path: ['hook', 'tail'],
    summary: 'Events as they come, until Ctrl-C.',
    flags: [
      INSTANCE,
      TYPE,
      { name: '--after', value: 'EVENT', description: 'Begin behind this event (its id), so that none is left out.' },
    ],
    examples: ['ifab hook tail', 'ifab hook tail --instance stripe --json'],
  },
  {
    path: ['hook', 'address'],
    summary: 'Where each vendor has to send its events, and what is to be set there.',
    args: [{ name: 'INSTANCE', offers: 'own-instance', description: 'Name of an instance. Default: all.' }],
    examples: ['ifab hook address', 'ifab hook address stripe'],
  },
]
