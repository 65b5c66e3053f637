// Commands around the others: demo, witness, ops, init, lock, config, doctor, schema, completion, help.
import type { CommandSpec } from '../command-spec.ts'

export const TOOL_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['demo'],
    summary: 'See the whole way of an action on twins; no account, no question, nothing leaves the machine.',
    examples: ['ifab demo', 'ifab demo --json'],
  },
  {
    path: ['ops'],
    summary: 'Search the operations of all providers.',
    args: [{ name: 'QUERY', many: true, description: 'Words; all of them must occur. Default: everything.' }],
    examples: ['ifab ops refund', 'ifab ops message send'],
  },
  {
    path: ['witness', 'log'],
    summary: 'The signed log, newest first, or one entry.',
    args: [{ name: 'N', description: 'Sequence number of one entry.' }],
    flags: [
      { name: '--run', value: 'RUN', offers: 'run', description: 'Only entries of this run.' },
      { name: '--limit', value: 'N', description: 'At most so many. Default 20.' },
    ],
    examples: ['ifab witness log', 'ifab witness log 1043', 'ifab witness log --run last'],
  },
  {
    path: ['witness', 'verify'],
    summary: 'Check every entry, its order, the tree and the signed checkpoints.',
    examples: ['ifab witness verify'],
  },
  {
    path: ['witness', 'export'],
    summary: 'Every entry as JSON Lines, oldest first.',
    flags: [{ name: '--out', value: 'FILE', offers: 'file', description: 'Write to a new file. Default: print.' }],
    examples: ['ifab witness export > witness.jsonl', 'ifab witness export --out witness.jsonl'],
  },
  {
    path: ['init'],
    summary: 'Make a project: a folder for git with instances, budgets, policies and playbooks, never a secret.',
    details:
      'Takes instances of the home with tags and settings. Writes nothing over. A project takes effect where a home is opened in its folder or below, and only adds and tightens; IFAB_PROJECT=none works without it.',
    args: [{ name: 'DIR', offers: 'file', description: 'Where. Default: here.' }],
    flags: [{ name: '--name', value: 'NAME', description: "Of the project. Default: the folder's name." }],
    examples: ['ifab init', 'ifab init support --name support-desk'],
  },
  {
    path: ['lock'],
    summary: "Write the project's ifab.lock: the manifests that it is planned with.",
    details:
      'A plan in the project is refused while the manifest of a provider lets it reach hosts, need scopes or have effects that the lock does not grant. Locking anew asks about those.',
    flags: [{ name: '--accept', description: 'Grant what is new without a question.' }],
    examples: ['ifab lock', 'ifab lock --accept'],
  },
  {
    path: ['config', 'show'],
    summary: 'Every setting that holds here; never a secret.',
    flags: [{ name: '--origin', description: 'Also where each comes from: flag, env, project, home or default.' }],
    examples: ['ifab config show', 'ifab config show --origin --json'],
  },
  {
    path: ['doctor'],
    summary: 'Check home, store, keys, witness, manifests and instances.',
    examples: ['ifab doctor'],
  },
  {
    path: ['schema'],
    summary: 'The command tree as JSON.',
    args: [{ name: 'COMMAND', many: true, offers: 'command', description: 'One command, such as provider add.' }],
    examples: ['ifab schema', 'ifab schema provider add'],
  },
  {
    path: ['completion'],
    summary: 'A script that completes commands, flags, instances, operations and keys.',
    args: [{ name: 'SHELL', required: true, description: 'bash, zsh or fish.' }],
    examples: ['source <(ifab completion bash)', 'ifab completion fish > ~/.config/fish/completions/ifab.fish'],
  },
  {
    path: ['help'],
    summary: 'Help on a command; --all lists every command.',
    args: [{ name: 'COMMAND', many: true, offers: 'command', description: 'One command, such as provider add.' }],
    flags: [{ name: '--all', description: 'Every command.' }],
    examples: ['ifab help apply', 'ifab help --all'],
  },
  {
    path: ['__complete'],
    summary: 'Candidates for the last word, one a line; what completion scripts call.',
    args: [{ name: 'WORD', many: true, description: 'The words so far, after --.' }],
    examples: ["ifab __complete -- plan stripe ''"],
    hidden: true,
  },
]
