// The shape of a command as data; what it does stands in handlers.ts. The parser, the help pages, docs/cli.md, completion and `ifab schema` all read it.

/** What completion offers for an argument or a flag's value. */
export type Offer =
  | 'instance'
  | 'own-instance'
  | 'provider'
  | 'operation'
  | 'assignment'
  | 'run'
  | 'plan'
  | 'task'
  | 'context'
  | 'token'
  | 'swarm'
  | 'capability'
  | 'breaker'
  | 'escalation'
  | 'invite'
  | 'module'
  | 'module-input'
  | 'credential'
  | 'command'
  | 'file'

export interface ArgumentSpec {
  /** As usage shows it: `INSTANCE`, `key=value`. */
  name: string
  description: string
  required?: boolean
  /** Takes all that follow; the last argument only. */
  many?: boolean
  offers?: Offer
}

export interface FlagSpec {
  /** `--out`. */
  name: `--${string}`
  short?: `-${string}`
  /** What its value is called; without it the flag is a switch. */
  value?: string
  /** The value may be left out. It is taken only where it has this form, so that it never swallows the next word. */
  valueForm?: RegExp
  many?: boolean
  choices?: readonly string[]
  description: string
  offers?: Offer
}

export interface CommandSpec {
  /** `['provider', 'add']`. */
  path: readonly [string, ...string[]]
  summary: string
  /** Further sentences of its help page. */
  details?: string
  args?: readonly ArgumentSpec[]
  flags?: readonly FlagSpec[]
  examples: readonly [string, ...string[]]
  /** Takes `--mode=falsify`. */
  falsifies?: boolean
  /** Left out of help and docs. */
  hidden?: boolean
}

export interface NounSpec {
  name: string
  summary: string
  /** Whether it stands on the first help page. */
  first: boolean
}
