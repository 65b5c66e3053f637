// Commands about providers, their secrets, manifests and twins.
import type { ArgumentSpec, CommandSpec } from '../command-spec.ts'

const INSTANCE: ArgumentSpec = {
  name: 'INSTANCE',
  required: true,
  offers: 'instance',
  description: 'Name of an instance.',
}

const MANIFESTS: ArgumentSpec = {
  name: 'PROVIDER',
  many: true,
  offers: 'provider',
  description: 'Ids of providers. Default: all.',
}

export const PROVIDER_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['provider', 'list'],
    summary: 'Your instances first, then the catalogue.',
    examples: ['ifab provider list', 'ifab provider list --json'],
  },
  {
    path: ['provider', 'show'],
    summary: 'What a provider can do, needs and may reach.',
    args: [
      {
        name: 'PROVIDER',
        required: true,
        offers: 'provider',
        description: 'Id of a provider, or name of an instance.',
      },
      { name: 'OPERATION', offers: 'operation', description: 'One operation with all its fields.' },
    ],
    examples: ['ifab provider show stripe', 'ifab provider show stripe payment.create'],
  },
  {
    path: ['provider', 'add'],
    summary: 'Make an instance of a provider; missing secrets are asked for without echo.',
    details:
      'A secret never stands on the command line: shell history and process list would show it. env: and file: stay references; what is typed or piped is stored encrypted.',
    args: [{ name: 'PROVIDER', required: true, offers: 'provider', description: 'Id of a provider.' }],
    flags: [
      { name: '--as', value: 'NAME', description: "Name of the instance. Default: the provider's id." },
      { name: '--tag', value: 'KEY=VALUE', many: true, description: 'A label, such as env=production. Repeatable.' },
      {
        name: '--set',
        value: 'KEY=VALUE',
        many: true,
        description: 'A setting that the provider asks for. Repeatable.',
      },
      {
        name: '--secret',
        value: 'KEY=SOURCE',
        many: true,
        description: 'KEY=env:VARIABLE, KEY=file:PATH, or KEY=- for standard input. Repeatable.',
      },
      {
        name: '--secrets-from',
        value: 'SOURCE',
        offers: 'file',
        description: 'Lines KEY=value from a file, or - for standard input.',
      },
      {
        name: '--twin',
        value: 'URL',
        valueForm: /^https?:\/\//,
        description: 'A twin instead of the provider: that of `ifab twin up`, or the one at URL.',
      },
      { name: '--private-network', description: 'The provider may answer from a private address.' },
      { name: '--no-test', description: 'Do not try the credential.' },
    ],
    falsifies: true,
    examples: [
      'ifab provider add slack --tag env=production',
      'ifab provider add stripe --as shop --secret STRIPE_SECRET_KEY=env:STRIPE_SECRET_KEY',
      'ifab provider add home-assistant --twin',
    ],
  },
  {
    path: ['provider', 'connect'],
    summary: 'Let an instance in at its provider: a person consents in a browser, once.',
    details:
      'It waits on a loopback address for what the provider sends back, and shows the page to open. With --device the person enters a code, in a browser anywhere. What comes of it is stored encrypted and renewed by itself.',
    args: [INSTANCE],
    flags: [
      {
        name: '--port',
        value: 'N',
        description: 'Of the loopback address, where the provider knows it exactly. Default: a free one.',
      },
      { name: '--device', description: 'By a code that is entered in a browser anywhere.' },
      { name: '--open', description: 'Open the page in the browser of this machine; on a terminal only.' },
    ],
    examples: ['ifab provider connect truelayer', 'ifab provider connect youtube --device'],
  },
  {
    path: ['provider', 'test'],
    summary: 'Try the credential with the cheapest read that proves it.',
    args: [INSTANCE],
    examples: ['ifab provider test slack'],
  },
  {
    path: ['provider', 'remove'],
    summary: 'Forget an instance and its stored secrets.',
    args: [INSTANCE],
    examples: ['ifab provider remove slack'],
  },
  {
    path: ['provider', 'new'],
    summary: 'Begin a provider that the repository has not: definition and test from a file of facts.',
    details:
      'For who works on InfraFabric itself. What is written compiles, and its contract test runs; each operation is native, with what the file says of it. Nothing that is there is touched.',
    args: [{ name: 'ID', required: true, description: 'Id of the new provider: lower-case words with hyphens.' }],
    flags: [
      {
        name: '--from',
        value: 'FILE',
        offers: 'file',
        description: 'A catalogue row, or an OpenAPI 3 description; YAML or JSON.',
      },
      {
        name: '--category',
        value: 'CATEGORY',
        choices: ['production', 'cloud', 'sip', 'payment', 'chat', 'ai', 'vector'],
        description: 'Default: the folder of the file, where that is one.',
      },
      {
        name: '--dir',
        value: 'DIR',
        offers: 'file',
        description: 'Root of the repository. Default: the working folder.',
      },
    ],
    examples: ['ifab provider new mastodon --from mastodon.yaml --category chat'],
  },
  {
    path: ['secret', 'set'],
    summary: 'Give an instance a secret, or a new one; it is tried afterwards.',
    details: 'Without a source it is asked for without echo.',
    args: [
      INSTANCE,
      { name: 'KEY', required: true, description: 'Name of the secret, such as SLACK_BOT_TOKEN.' },
      { name: 'SOURCE', description: 'env:VARIABLE, file:PATH, or - for standard input.' },
    ],
    examples: [
      'ifab secret set slack SLACK_BOT_TOKEN',
      'ifab secret set stripe STRIPE_SECRET_KEY env:STRIPE_SECRET_KEY',
    ],
  },
  {
    path: ['secret', 'list'],
    summary: 'Which secrets there are, where they come from and how old they are; never a value.',
    args: [{ ...INSTANCE, required: false }],
    examples: ['ifab secret list', 'ifab secret list slack'],
  },
  {
    path: ['secret', 'key'],
    summary: 'Where the key is that encrypts the stored secrets; move it, or make a new one.',
    details:
      'file: in the home, readable by its owner only. keyring: that of the system (the Secret Service, the macOS keychain), where there is one; nothing prompts or hangs without it. --rotate encrypts everything under a new key; running processes go on. Only persons may change it.',
    flags: [
      { name: '--to', value: 'PLACE', choices: ['keyring', 'file'], description: 'Move it there.' },
      { name: '--rotate', description: 'Make a new one, and encrypt everything under it.' },
    ],
    examples: ['ifab secret key', 'ifab secret key --to keyring', "ifab secret key --rotate --why 'a laptop was lost'"],
  },
  {
    path: ['twin', 'up'],
    summary: 'Serve twins of providers on loopback until Ctrl-C, for rehearsal.',
    args: [{ name: 'PROVIDER', required: true, many: true, offers: 'provider', description: 'Ids of providers.' }],
    flags: [
      {
        name: '--fault',
        value: 'FAULT',
        many: true,
        description: 'Make it fail: payment.create:503@0.3, stripe/payment.get:429. Repeatable.',
      },
      { name: '--port', value: 'N', description: 'Of the first twin, the next ones follow. Default: free ones.' },
      {
        name: '--specs',
        value: 'DIR',
        offers: 'file',
        description: "Vendors' API descriptions; what they refuse is refused.",
      },
      { name: '--seed', value: 'N', description: "Of the faults' chance." },
    ],
    examples: ['ifab twin up stripe slack', "ifab twin up stripe --fault 'payment.create:503@0.3'"],
  },
  {
    path: ['manifest', 'generate'],
    summary: 'Write the unsigned manifests that the definitions give.',
    args: [MANIFESTS],
    flags: [{ name: '--out', value: 'DIR', offers: 'file', description: 'Folder to write into. Default: print.' }],
    examples: ['ifab manifest generate stripe', 'ifab manifest generate --out manifests'],
  },
  {
    path: ['manifest', 'sign'],
    summary: 'Generate manifests and sign them with your key.',
    args: [MANIFESTS],
    flags: [
      { name: '--key', value: 'FILE', offers: 'file', description: 'Ed25519 private key, PEM. Never in a repository.' },
      { name: '--out', value: 'DIR', offers: 'file', description: 'Folder to write into. Default: print.' },
    ],
    examples: ['ifab manifest sign stripe --key publisher.pem --out manifests'],
  },
  {
    path: ['manifest', 'verify'],
    summary: 'Check signature, signer and content of manifest files.',
    args: [{ name: 'FILE', required: true, many: true, offers: 'file', description: 'Manifest files.' }],
    examples: ['ifab manifest verify manifests/payment/stripe.yaml'],
  },
  {
    path: ['manifest', 'diff'],
    summary: 'What a manifest file says other than the definition.',
    args: [{ name: 'FILE', required: true, offers: 'file', description: 'A manifest file.' }],
    examples: ['ifab manifest diff manifests/payment/stripe.yaml'],
  },
]
