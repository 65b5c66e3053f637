// Commands about modules that others wrote: make, build, load and run them, and see how they do.
import type { ArgumentSpec, CommandSpec, FlagSpec } from '../command-spec.ts'

const NAME: ArgumentSpec = {
  name: 'NAME',
  description: 'Of one module, instance or swarm. Default: all.',
}

const CLAIM: FlagSpec = {
  name: '--claim',
  value: 'TASK:TOKEN',
  description: 'The task it is run for: what is granted ends with the claim. Default: IFAB_CLAIM.',
}

export const MODULE_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['chassis', 'new'],
    summary: 'Write a small module that works: an adapter of a provider, or an agent.',
    details:
      'Into a folder that is new or empty; nothing is written over. An adapter says which requests its operations are, an agent works on what it is given. Neither has a network: InfraFabric sends.',
    args: [{ name: 'DIR', required: true, offers: 'file', description: 'Where.' }],
    flags: [
      {
        name: '--lang',
        value: 'LANGUAGE',
        choices: ['ts', 'wat', 'assemblyscript'],
        description: 'What it is written in. Required.',
      },
      { name: '--kind', value: 'KIND', choices: ['adapter', 'agent'], description: 'Default adapter; of wat agent.' },
      { name: '--name', value: 'ID', description: 'Id of the module. Default: that of the example.' },
    ],
    examples: ['ifab chassis new mail --lang ts', 'ifab chassis new triage --lang assemblyscript --kind agent'],
  },
  {
    path: ['chassis', 'build'],
    summary: 'Turn code into one signed file: module, contract and what it says of itself.',
    details:
      'A script is bundled, a core module is taken as it is. The module is asked once, in the sandbox, for its description and for the plans of its examples; an adapter gets its manifest from them. Needs no daemon.',
    args: [
      {
        name: 'INPUT',
        required: true,
        offers: 'file',
        description: 'A .ts, .js or .mjs file, or a core module (.wasm).',
      },
    ],
    flags: [
      {
        name: '--out',
        short: '-o',
        value: 'FILE',
        offers: 'file',
        description: 'Default: ID.ifwasm in the working folder.',
      },
      {
        name: '--contract',
        value: 'FILE',
        offers: 'file',
        description: 'The service contract. Default: contract.yaml beside the input, else one with every default.',
      },
      {
        name: '--key',
        value: 'FILE',
        offers: 'file',
        description:
          "Ed25519 private key, PEM. Default: the operator's own, made at first use and trusted in this home only.",
      },
    ],
    examples: [
      'ifab chassis build mail/adapter.ts -o mail.ifwasm',
      'ifab chassis build module.wasm --contract contract.yaml --key publisher.pem',
    ],
  },
  {
    path: ['chassis', 'load'],
    summary: 'Verify a module file and keep it in the home; an adapter is then a provider like any other.',
    details:
      'Only persons may. Shows what the module may reach, do and use, and at a terminal asks. Running processes use it at once; versions stand side by side, and the id alone means the highest.',
    args: [{ name: 'FILE', required: true, offers: 'file', description: 'What `ifab chassis build` wrote.' }],
    flags: [{ name: '--replace', description: 'Instead of a loaded module of the same id and version.' }],
    examples: ['ifab chassis load mail.ifwasm', 'ifab chassis load mail.ifwasm --replace --no-input'],
  },
  {
    path: ['chassis', 'list'],
    summary: 'Loaded modules: kind, operations, who signed them; and files that cannot be used.',
    examples: ['ifab chassis list', 'ifab chassis list --json'],
  },
  {
    path: ['chassis', 'unload'],
    summary: 'Take a module away. Only persons may.',
    details: 'Instances of an adapter stay, and cannot act until a version of it is loaded again.',
    args: [
      { name: 'MODULE', required: true, offers: 'module', description: 'ID, its highest version; or ID@VERSION.' },
    ],
    examples: ['ifab chassis unload example-mail', 'ifab chassis unload example-mail@1.0.0'],
  },
  {
    path: ['chassis', 'run'],
    summary: 'Run a module: an agent on an input, or any other export to see what it answers.',
    details:
      'Its answer is on stdout, what it logs on stderr. It reaches nothing that is not granted: each --grant is a credential for one instance, these operations and these addresses, and ends with the run. What it calls is planned, judged, paid and witnessed like everything else. --trace shows fuel, memory, time and every call.',
    args: [
      {
        name: 'MODULE|FILE',
        required: true,
        offers: 'module',
        description: 'A loaded one, ID or ID@VERSION; or a file.',
      },
      {
        name: 'key=value',
        many: true,
        offers: 'module-input',
        description: 'Input, typed by what the module says of itself. key:=JSON, key@=FILE, a.b=1 nests.',
      },
    ],
    flags: [
      {
        name: '--input',
        value: 'SOURCE',
        offers: 'file',
        description: "The whole input as JSON: a file, - for standard input, or '{…}'. key=value goes on top.",
      },
      {
        name: '--export',
        value: 'NAME',
        choices: ['describe', 'plan', 'apply', 'health', 'execute'],
        description: 'What is asked. Default: execute of an agent, describe of an adapter.',
      },
      {
        name: '--grant',
        value: 'GRANT',
        many: true,
        offers: 'own-instance',
        description:
          'INSTANCE:OPERATIONS[@ENDPOINT]: operations by comma and with *, an endpoint such as https://api.example.com/v1/**. Repeatable.',
      },
      CLAIM,
      { name: '--timeout', value: 'TIME', description: 'Such as 2s; never above the contract. Default: the contract.' },
      { name: '--fresh', description: 'In a new instance, so that its fuel can be repeated.' },
    ],
    examples: [
      'ifab chassis run triage ticket=881 --timeout 2s',
      'ifab chassis run triage --input \'{"ticket":881}\' --grant desk:message.send,message.list --trace',
      "ifab chassis run triage ticket=881 --grant 'desk:message.*@https://api.example.com/v1/**' --claim 4gz8k2m1:3",
      'ifab chassis run mail.ifwasm --export describe --fresh --json',
    ],
  },
  {
    path: ['chassis', 'performance'],
    summary: 'How modules and instances keep what they promise: success, availability, latency, error budget.',
    details: 'Over 5 minutes to 28 days. Burning: its error budget is used up faster than it may be.',
    args: [NAME],
    examples: ['ifab chassis performance', 'ifab chassis performance example-mail'],
  },
  {
    path: ['chassis', 'reputation'],
    summary: 'What modules, instances and swarms are worth by their last runs, 0 to 1, with the reasons.',
    args: [NAME],
    examples: ['ifab chassis reputation', 'ifab chassis reputation example-mail --json'],
  },
  {
    path: ['chassis', 'resources'],
    summary: 'What modules use now, against the limits of their contracts.',
    details: 'Of the process that answers: the daemon, or without one this command itself, where nothing has run yet.',
    examples: ['ifab chassis resources', 'ifab chassis resources --json'],
  },
  {
    path: ['chassis', 'credentials'],
    summary: 'Scoped credentials that stand now: who may do what where, and until when. Never a handle.',
    flags: [
      {
        name: '--revoke',
        value: 'ID',
        offers: 'credential',
        description: 'End one before its time. Only persons may.',
      },
    ],
    examples: ['ifab chassis credentials', "ifab chassis credentials --revoke 5f2c81aa --why 'wrong ticket'"],
  },
]
