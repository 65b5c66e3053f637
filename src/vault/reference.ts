// Where a secret's value comes from, as an instance file writes it. A literal value is refused: it would stay in the
// shell history, in the process list and in the file.
import { FabricError } from '../foundation/index.ts'

export type SecretReference =
  /** Stored encrypted by `Vault.set`. */
  { kind: 'vault' } | { kind: 'env'; variable: string } | { kind: 'file'; path: string }

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Parses `vault`, `env:VARIABLE` and `file:PATH`; anything else is refused without repeating it. */
export function parseSecretReference(text: string): SecretReference {
  if (text === 'vault') return { kind: 'vault' }
  const [kind, place] = splitOnce(text)
  if (kind === 'env') {
    if (VARIABLE.test(place)) return { kind, variable: place }
    throw refused('after env: comes the name of an environment variable (letters, digits, underscores)')
  }
  if (kind === 'file') {
    if (place !== '' && !place.includes('\0')) return { kind, path: place }
    throw refused('after file: comes a path')
  }
  throw refused('a secret is not given as a literal value: it would stay in the shell history and the process list')
}

/** The text form that `parseSecretReference` reads. */
export function formatSecretReference(reference: SecretReference): string {
  switch (reference.kind) {
    case 'vault':
      return 'vault'
    case 'env':
      return `env:${reference.variable}`
    case 'file':
      return `file:${reference.path}`
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(':')
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + 1)]
}

const refused = (rule: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `the secret reference is refused: ${rule}`, {
    hint: 'Write env:VARIABLE or file:PATH, or let the value be read from standard input and stored encrypted.',
  })
