// Commands about work that is handed out by claims.
import type { ArgumentSpec, CommandSpec, FlagSpec } from '../command-spec.ts'

const TASK: ArgumentSpec = {
  name: 'TASK',
  required: true,
  offers: 'task',
  description: 'Id of a task, a unique piece of it, or last.',
}
/** A holder may say which task by IFAB_CLAIM. */
const HELD: ArgumentSpec = { ...TASK, required: false, description: `${TASK.description} Default: that of IFAB_CLAIM.` }

const TOKEN: FlagSpec = {
  name: '--token',
  value: 'N',
  description: 'The token that the claim gave you; an older one is refused. Default: that of IFAB_CLAIM.',
}
const IF_STILL: FlagSpec = {
  name: '--token',
  value: 'N',
  description: 'Only if this is still the token of the last claim.',
}
const LEASE: FlagSpec = { name: '--lease', value: 'TIME', description: 'How long the claim stands. Default 10m.' }
const NEEDS: FlagSpec = {
  name: '--needs',
  value: 'CAPABILITY',
  many: true,
  description: 'What a worker must be able to do, such as payment:refund. Repeatable.',
}
const STATE: FlagSpec = {
  name: '--state',
  value: 'STATE',
  choices: ['open', 'claimed', 'blocked', 'done', 'failed', 'dead'],
  description: 'Only tasks in this state.',
}

export const TASK_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['task', 'add'],
    summary: 'Ask for work: one task, or many from JSON Lines.',
    details:
      'key=value is the payload, as text; key:=JSON for everything else. With KIND, each line of --input is the payload of one task. Without KIND each line, or each item of an array, is a whole task: {"id","kind","swarm","payload","capabilities","priority","after","notBefore","deadline","attempts","backoff"}; they may wait for each other, and one that is wrong refuses all.',
    args: [
      { name: 'KIND', description: 'What sort of work it is, such as resize; workers may choose by it.' },
      { name: 'key=value', many: true, description: 'The payload. key:=JSON, key@=FILE, a.b=1 nests.' },
    ],
    flags: [
      { name: '--id', value: 'ID', description: 'Your own id; adding it twice is refused. Default: a new one.' },
      { name: '--swarm', value: 'SWARM', description: 'The swarm that asks. Default: default.' },
      { name: '--priority', value: 'N', description: '-1000 to 1000, higher first. Default 0.' },
      NEEDS,
      {
        name: '--after',
        value: 'TASK',
        many: true,
        offers: 'task',
        description: 'Waits until this is done. Repeatable.',
      },
      {
        name: '--not-before',
        value: 'TIME',
        description: 'Not claimed before: 10m from now, or 2026-12-01T08:00:00Z.',
      },
      { name: '--deadline', value: 'TIME', description: 'Given up when still open then: 2h from now, or a date.' },
      { name: '--attempts', value: 'N', description: 'How often it may be tried. Default 3.' },
      {
        name: '--input',
        value: 'SOURCE',
        offers: 'file',
        description: "JSON or JSON Lines: a file, - for standard input, or '{…}'.",
      },
    ],
    examples: [
      'ifab task add resize image=cat.png width:=640',
      'ifab task add refund payment=pi_3Nx --needs payment:refund --priority 5 --deadline 2h',
      'ifab task add publish --after last --not-before 10m',
      'ifab task add --input tasks.jsonl',
    ],
  },
  {
    path: ['task', 'list'],
    summary: 'Tasks, newest first.',
    details: 'With --watch a terminal redraws; elsewhere each task is one line whenever it moves, until Ctrl-C.',
    flags: [
      STATE,
      { name: '--swarm', value: 'SWARM', description: 'Only what this swarm asked for.' },
      { name: '--kind', value: 'KIND', description: 'Only this kind.' },
      { name: '--limit', value: 'N', description: 'At most so many. Default 20.' },
      { name: '--watch', description: 'Go on showing what changes.' },
    ],
    examples: ['ifab task list', 'ifab task list --state blocked', 'ifab task list --swarm photos --watch --json'],
  },
  {
    path: ['task', 'show'],
    summary: 'One task: where it stands, what it was given, its moves.',
    details: 'With --watch until the task has ended; then exit 0 where it is done, 1 where it failed or is dead.',
    args: [TASK],
    flags: [{ name: '--watch', description: 'Go on until the task has ended.' }],
    examples: ['ifab task show last', 'ifab task show 4gz8k2m1 --watch'],
  },
  {
    path: ['task', 'claim'],
    summary: 'Take a task: nobody else gets it while the claim stands.',
    details:
      'The token goes with every word about the task, so that whoever comes too late changes nothing. Nothing to claim prints null under --json and exits 0. Leases end by the clock of a process that looks on: let `ifab up` run.',
    args: [{ ...TASK, required: false, description: 'This very task. Default: whose turn it is.' }],
    flags: [
      { name: '--swarm', value: 'SWARM', description: 'For which swarm you work. Default: default.' },
      {
        name: '--worker',
        value: 'NAME',
        description: 'Who holds it; the same one gets the same claim again. Default: IFAB_WORKER, else a new name.',
      },
      { name: '--kind', value: 'KIND', many: true, description: 'Only this kind. Repeatable.' },
      {
        name: '--from',
        value: 'SWARM',
        many: true,
        description: 'Only what this swarm asked for. Repeatable. Default: every one.',
      },
      {
        name: '--capability',
        value: 'CAPABILITY',
        many: true,
        description: 'What you can do, such as payment:*. Repeatable.',
      },
      LEASE,
      {
        name: '--wait',
        value: 'TIME',
        description: 'How long to wait for a task; 0s takes what is ready. Default 5s.',
      },
    ],
    examples: [
      'ifab task claim --swarm photos --lease 10m',
      'ifab task claim 4gz8k2m1 --worker night-shift',
      'ifab task claim --kind resize --json',
    ],
  },
  {
    path: ['task', 'extend'],
    summary: 'Keep a claim for another lease.',
    args: [HELD],
    flags: [TOKEN, { ...LEASE, description: 'From now on so long. Default: as before.' }],
    examples: ['ifab task extend 4gz8k2m1 --token 7 --lease 30m'],
  },
  {
    path: ['task', 'complete'],
    summary: 'Say that a task is done, with its result.',
    args: [HELD],
    flags: [
      TOKEN,
      {
        name: '--result',
        value: 'RESULT',
        many: true,
        description: 'JSON, - for standard input, or key=value (repeatable).',
      },
    ],
    examples: [
      'ifab task complete 4gz8k2m1 --token 7 --result file=cat-640.png',
      'ifab task complete 4gz8k2m1 --token 7 --result \'{"pages":[1,2]}\'',
    ],
  },
  {
    path: ['task', 'fail'],
    summary: 'Say that this attempt failed; another follows while there are any.',
    args: [HELD],
    flags: [
      TOKEN,
      { name: '--error', value: 'TEXT', description: 'What went wrong. Required.' },
      { name: '--final', description: 'Do not try again.' },
    ],
    examples: ["ifab task fail 4gz8k2m1 --token 7 --error 'the image is broken' --final"],
  },
  {
    path: ['task', 'release'],
    summary: 'Give a claim back; the attempt does not count.',
    args: [HELD],
    flags: [TOKEN],
    examples: ["ifab task release 4gz8k2m1 --token 7 --why 'shift is over'"],
  },
  {
    path: ['task', 'block'],
    summary: 'Park a task that you cannot go on with, and tell whoever looks on.',
    args: [HELD],
    flags: [
      TOKEN,
      { name: '--description', value: 'TEXT', description: 'What stops it. Required.' },
      {
        name: '--type',
        value: 'TYPE',
        description: 'What sort of obstacle. Default: needs-capability with --needs, else needs-answer.',
      },
      {
        name: '--severity',
        value: 'SEVERITY',
        choices: ['low', 'medium', 'high', 'critical'],
        description: 'Default medium.',
      },
      { ...NEEDS, description: 'What a helper must be able to do. Repeatable.' },
      { name: '--handover', value: 'JSON', description: 'What whoever goes on should know; the next claim shows it.' },
    ],
    examples: [
      "ifab task block 4gz8k2m1 --token 7 --description 'which of the two invoices?' --handover '{\"seen\":[1,2]}'",
    ],
  },
  {
    path: ['task', 'unblock'],
    summary: 'Let a blocked task go on, first in line.',
    args: [TASK],
    flags: [IF_STILL, { name: '--handover', value: 'JSON', description: 'In place of what its holder left.' }],
    examples: ["ifab task unblock 4gz8k2m1 --why 'the second invoice'"],
  },
  {
    path: ['task', 'retry'],
    summary: 'Try a failed or dead task again, with all its attempts.',
    args: [TASK],
    flags: [IF_STILL],
    examples: ["ifab task retry 4gz8k2m1 --why 'the disk has room again'"],
  },
  {
    path: ['task', 'cancel'],
    summary: 'End an unfinished task; its holder loses the claim.',
    args: [TASK],
    flags: [IF_STILL],
    examples: ["ifab task cancel 4gz8k2m1 --why 'ordered twice'"],
  },
]
