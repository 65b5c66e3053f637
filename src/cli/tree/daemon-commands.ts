// Commands about the daemon: run it, see how the coordinator does, reach it from elsewhere.
import type { ArgumentSpec, CommandSpec, FlagSpec } from '../command-spec.ts'

const UP: Omit<CommandSpec, 'path' | 'examples'> = {
  summary: 'Run the daemon: tasks are pushed, leases watched, other machines and agents let in by token.',
  details:
    'Serves the home on its own socket, which the command then uses by itself, and on loopback until Ctrl-C. Ctrl-C once takes nothing new in and waits for what is under way, twice ends at once. With --json each event is one line.',
  flags: [
    { name: '--port', value: 'PORT', description: 'On 127.0.0.1; 0 takes a free one. Default 7420.' },
    {
      name: '--public-url',
      value: 'URL',
      description: 'Where vendors reach it, through a proxy or tunnel. Default: publicUrl of config.yaml.',
    },
  ],
}
const WATCH: FlagSpec = { name: '--watch', description: 'Go on showing what changes, until Ctrl-C.' }
const NEW_CONTEXT: ArgumentSpec = { name: 'NAME', required: true, description: 'Name of a context.' }
const CONTEXT: ArgumentSpec = { ...NEW_CONTEXT, offers: 'context' }

export const DAEMON_COMMANDS: readonly CommandSpec[] = [
  { path: ['up'], ...UP, examples: ['ifab up', 'ifab up --port 0 --json'] },
  { path: ['coordinator', 'start'], ...UP, examples: ['ifab coordinator start'] },
  {
    path: ['coordinator', 'status'],
    summary: 'How many tasks stand where, who works, and by which way it was asked.',
    flags: [WATCH],
    examples: ['ifab coordinator status', 'ifab coordinator status --watch', 'ifab coordinator status --json'],
  },
  {
    path: ['coordinator', 'health'],
    summary:
      'Whether work gets done: daemon, store, oldest task, blocked and dead ones; exit 1 where something is wrong.',
    flags: [
      { name: '--oldest', value: 'TIME', description: 'How long a ready task may wait for a worker. Default 5m.' },
    ],
    examples: ['ifab coordinator health', 'ifab coordinator health --oldest 30s --json'],
  },
  {
    path: ['coordinator', 'swarms'],
    summary: 'What each swarm has asked for and holds.',
    flags: [WATCH],
    examples: ['ifab coordinator swarms', 'ifab coordinator swarms --watch'],
  },
  {
    path: ['logs'],
    summary: 'What the daemon of this home has logged, oldest first.',
    flags: [
      { name: '--follow', short: '-f', description: 'Go on with what comes, until Ctrl-C.' },
      { name: '--since', value: 'TIME', description: 'Only of this time, such as 1h.' },
      {
        name: '--level',
        value: 'LEVEL',
        choices: ['debug', 'info', 'warn', 'error'],
        description: 'This one and what is worse. Default info.',
      },
    ],
    examples: ['ifab logs --since 1h --level warn', 'ifab logs -f', 'ifab logs -f --json'],
  },
  {
    path: ['context', 'add'],
    summary: 'Name a daemon elsewhere, with the token to reach it.',
    details:
      'The token is read from a file or standard input, never from the command line, and kept in a 0600 file of the home.',
    args: [NEW_CONTEXT],
    flags: [
      { name: '--url', value: 'URL', description: 'https://…, or http:// on loopback. Required.' },
      {
        name: '--token-file',
        value: 'FILE',
        offers: 'file',
        description: 'A file that holds the token, or - for standard input.',
      },
    ],
    examples: ['ifab context add prod --url https://ifab.example.com --token-file prod.token'],
  },
  {
    path: ['context', 'use'],
    summary: 'Work there from now on, unless a flag or IFAB_URL says otherwise; - for this machine again.',
    args: [{ ...CONTEXT, description: 'Name of a context, or - for none.' }],
    examples: ['ifab context use prod', 'ifab context use -'],
  },
  { path: ['context', 'list'], summary: 'Contexts, and which one is in use.', examples: ['ifab context list'] },
  {
    path: ['context', 'remove'],
    summary: 'Forget a context and its token.',
    args: [CONTEXT],
    examples: ['ifab context remove prod'],
  },
  {
    path: ['token', 'create'],
    summary: 'Let somebody in by a token: an agent, a swarm, a session, a person elsewhere.',
    details:
      'The token is shown once: on stdout, or in a new file that only you can read. Agents, swarms and sessions never get approval:grant or admin.',
    flags: [
      { name: '--actor', value: 'ADDRESS', description: 'Who acts with it, such as if://agent/refunds. Required.' },
      {
        name: '--scope',
        value: 'SCOPE',
        many: true,
        choices: ['read', 'tasks', 'actions', 'approval:grant', 'admin'],
        description: 'What it may do. Repeatable. Default: read, tasks, actions.',
      },
      {
        name: '--swarm',
        value: 'SWARM',
        many: true,
        description: 'Only tasks of this swarm. Repeatable. Default: all.',
      },
      { name: '--ttl', value: 'TIME', description: 'How long it holds. Default 24h.' },
      { name: '--note', value: 'TEXT', description: 'What it is for, shown in lists.' },
      {
        name: '--out',
        value: 'FILE',
        offers: 'file',
        description: 'Write it to a new file that only you can read; then it is not printed.',
      },
    ],
    examples: [
      'ifab token create --actor if://agent/refunds --out refunds.token',
      'ifab token create --actor if://swarm/photos --scope tasks --swarm photos --ttl 7d',
    ],
  },
  { path: ['token', 'list'], summary: 'Tokens, never their text.', examples: ['ifab token list'] },
  {
    path: ['token', 'revoke'],
    summary: 'End a token now; connections that use it are closed.',
    args: [{ name: 'TOKEN', required: true, offers: 'token', description: 'Id of a token, or a unique piece of it.' }],
    examples: ['ifab token revoke 4gz8k2m1'],
  },
]
