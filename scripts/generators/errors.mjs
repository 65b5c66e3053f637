// docs/errors.md: the table of exit codes and of IF_ERR_* codes.
import { GENERATED } from '../lib/header.mjs'
import { loadSource } from '../lib/load.mjs'

export const source = 'src/foundation/errors.ts'

const EXIT_MEANINGS = {
  ok: 'It worked.',
  failed: 'The operation failed.',
  usage: 'The command line, a value or a file is wrong.',
  denied: 'Denied by a policy, a budget or a breaker, or frozen.',
  notFound: 'There is no such thing.',
  unauthenticated: 'No valid credential.',
  conflict: 'Somebody else was faster: a claim was lost, a revision or a plan moved.',
  unavailable: 'Unavailable or timed out.',
  outcomeUnknown: 'Nobody can tell whether it happened.',
  waitsForApproval: 'It waits for an approval.',
}

export async function outputs() {
  const { ERRORS, EXIT } = await loadSource(source)
  return { 'docs/errors.md': page(ERRORS, EXIT) }
}

/**
 * @param {Record<string, { exit: number, retryable: boolean, when: string }>} errors
 * @param {Record<string, number>} exits
 */
function page(errors, exits) {
  const codes = Object.entries(errors).sort(([a, x], [b, y]) => x.exit - y.exit || a.localeCompare(b))
  return `<!-- ${GENERATED} -->
# Errors

Every error that a person or a program outside can see has one of these codes, in the text on stderr, in the \`error\` object
of \`--json\` and as \`code\` of a thrown \`FabricError\`. A code never changes its meaning; "retryable" says whether the same call
may succeed later with nothing changed by the caller.

## Exit codes

| exit | when |
|---|---|
${Object.entries(exits)
  .map(([name, exit]) => `| ${exit} | ${meaning(name)} |`)
  .join('\n')}

A command that a signal ended exits with 130 (Ctrl-C) or 143.

## Codes

| code | exit | retryable | when |
|---|---|---|---|
${codes.map(([code, { exit, retryable, when }]) => `| \`${code}\` | ${exit} | ${retryable ? 'yes' : 'no'} | ${cell(when)} |`).join('\n')}
`
}

/** @param {string} name */
function meaning(name) {
  const text = new Map(Object.entries(EXIT_MEANINGS)).get(name)
  if (!text) throw new Error(`scripts/generators/errors.mjs: say what the exit code "${name}" means`)
  return text
}

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|')
