// docs/providers/<id>.md: what somebody needs to use one provider, told by its definition.

/**
 * @typedef {import('../../src/adapter/index.ts').ProviderDefinition} Definition
 * @typedef {import('../../src/adapter/index.ts').DefinedOperation} Defined
 * @typedef {{ definedOperations: (definition: Definition) => Defined[], assignmentWords: (input: any) => string }} Tools
 */

/**
 * @param {Definition} definition
 * @param {Tools} tools
 */
export function providerPage(definition, tools) {
  const operations = tools.definedOperations(definition)
  return [
    `# ${definition.name}`,
    head(definition),
    setup(definition),
    `## Operations\n\n${table(operations)}`,
    ...operations.map((operation) => section(definition, operation, tools)),
    limits(definition),
    webhooks(definition),
    definition.notes?.length ? `## Traps\n\n${bullets(definition.notes)}` : '',
    `## Sources\n\n${bullets(definition.sources)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

/** @param {Definition} definition */
function head({ id, category, docs, standing, confidence, checkedAt, version }) {
  return `\`${id}\` · ${category} · ${standing} · manifest ${version} · checked ${checkedAt} against its sources, confidence ${confidence} · [the vendor's documentation](${docs}) · [what is proven](../conformance.md#${id})`
}

/** @param {Definition} definition */
function setup(definition) {
  const { id, settings = {}, secrets, auth, auths = {}, sandbox } = definition
  const needed = Object.entries(secrets).filter(([, { required }]) => required !== false)
  const sets = Object.entries(settings).filter(([, setting]) => setting.default === undefined)
  const words = [
    `ifab provider add ${id}`,
    ...sets.map(([name]) => `--set ${name}=…`),
    ...needed.map(([name]) => `--secret ${name}=env:${name}`),
  ]
  const consents = [auth, ...Object.values(auths)].some(({ token }) => token?.consent)
  const commands = [words.join(' '), ...(consents ? [`ifab provider connect ${id}`] : []), `ifab provider test ${id}`]
  const environment = sandbox
    ? 'It has a sandbox: an instance with `--tag env=sandbox` reaches that one, and is refused keys of the other.'
    : ''
  return [
    '## Setup',
    ['```console', ...commands.map((command) => `$ ${command}`), `$ ifab provider add ${id} --twin`, '```'].join('\n'),
    'The last line is for rehearsal, with `ifab twin up` running: it needs no account.',
    secretTable(secrets),
    settingTable(settings),
    environment,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** @param {Definition['secrets']} secrets */
function secretTable(secrets) {
  const rows = Object.entries(secrets).map(
    ([name, { label, get, required }]) =>
      `| \`${name}\` | ${cell(label)} | ${cell(get)} | ${required === false ? 'no' : 'yes'} |`,
  )
  if (rows.length === 0) return 'It needs no secret.'
  return ['| secret | what it is | where to get it | needed |', '|---|---|---|---|', ...rows].join('\n')
}

/** @param {NonNullable<Definition['settings']>} settings */
function settingTable(settings) {
  const rows = Object.entries(settings).map(
    ([name, { description, default: usual }]) =>
      `| \`${name}\` | ${cell(description)} | ${usual === undefined ? 'none, must be set' : `\`${usual}\``} |`,
  )
  return rows.length === 0 ? '' : ['| setting | what it is | default |', '|---|---|---|', ...rows].join('\n')
}

/**
 * @param {Defined[]} operations
 */
function table(operations) {
  const rows = operations.map((defined) => {
    const { operation, id } = defined
    return `| [\`${id}\`](#${anchor(id)}) | ${cell(operation.summary)} | ${operation.effect} | ${cell(undoOf(operation))} |`
  })
  return ['| operation | what it does | effect | undo |', '|---|---|---|---|', ...rows].join('\n')
}

/**
 * @param {Definition} definition
 * @param {Defined} defined
 * @param {Tools} tools
 */
function section(definition, { id, native, operation, inputSchema }, { assignmentWords }) {
  const [example] = operation.examples
  const input = inputSchema.parse(example.input)
  const spec = operation.request(/** @type {any} */ (input))
  const way =
    spec.transport === 'websocket' ? `websocket command at \`${spec.template}\`` : `\`${spec.method} ${spec.template}\``
  const verb = operation.effect === 'read' ? 'apply' : 'plan'
  const command = ['ifab', verb, definition.id, id.replace(`${definition.id}:`, ''), assignmentWords(example.input)]
    .join(' ')
    .trim()
  const facts = [
    `Effect \`${operation.effect}\`${native ? ', native' : ''}; ${way}${operation.more ? ', then further requests' : ''}.`,
    operation.scope ? `Scope: \`${operation.scope}\`.` : '',
    operation.effect === 'read' ? '' : `Undo: ${undoOf(operation)}.`,
    `Cost: ${costOf(operation.cost, input)}.`,
    operation.effect === 'read' ? '' : `Repeating: ${repeating(definition, operation, spec)}.`,
    operation.verify ? 'Afterwards it is read back.' : '',
    operation.without?.length ? `Not taken: ${operation.without.map((field) => `\`${field}\``).join(', ')}.` : '',
  ].filter((fact) => fact !== '')
  return [`### ${id}`, sentence(operation.summary), `\`\`\`console\n$ ${command}\n\`\`\``, bullets(facts)].join('\n\n')
}

/** @param {Defined['operation']} operation */
function undoOf({ undo, undoLabel, effect }) {
  if (undo === undefined) return effect === 'read' ? '–' : 'none'
  return typeof undo === 'function' ? labelled(undoLabel) : `none: ${undo.none.replace(/\.$/, '')}`
}

/** An operation's id, or words about several. @param {string | undefined} label */
function labelled(label) {
  if (label === undefined) return 'yes'
  return label.includes(' ') ? label : `\`${label}\``
}

/**
 * @param {Defined['operation']['cost']} cost
 * @param {any} input
 */
function costOf(cost, input) {
  if (cost === 'free') return 'free'
  const reckoned = cost(input)
  if (reckoned.kind === 'free') return 'free'
  if (reckoned.kind === 'unknown') return `unknown: ${reckoned.why.replace(/\.$/, '')}`
  const usd = (/** @type {number} */ micro) => `$${(micro / 1_000_000).toFixed(micro < 10_000 ? 6 : 4)}`
  return `about ${usd(Number(reckoned.estimateMicroUsd))}, at most ${usd(Number(reckoned.maxMicroUsd))} for the example (${reckoned.basis})`
}

/**
 * @param {Definition} definition
 * @param {Defined['operation']} operation
 * @param {import('../../src/adapter/index.ts').RequestSpec} spec
 */
function repeating({ idempotency }, { idempotent }, spec) {
  if (idempotent) return 'twice is the same as once'
  const keyed = idempotency && (idempotency.header === undefined || (idempotency.methods ?? []).includes(spec.method))
  return keyed
    ? `safe under the vendor's idempotency key for ${idempotency.windowHours} hours`
    : 'never on its own; a lost answer leaves the outcome unknown until a person settles it'
}

/** @param {Definition} definition */
function limits({ limits: { rps, burst, backoffSeconds }, idempotency }) {
  const key = idempotency
    ? ` Idempotency keys are kept for ${idempotency.windowHours} hours${idempotency.header ? `, in the header \`${idempotency.header}\`` : ''}.`
    : ' There are no idempotency keys.'
  return `## Limits\n\n${rps} calls a second, ${burst} at once; after a refusal it waits ${backoffSeconds.join(', ')} seconds.${key}`
}

/** @param {Definition} definition */
function webhooks({ id, webhooks: hooks }) {
  return hooks
    ? `## Webhooks\n\nReceived by \`ifab up\` at \`/hooks/${id}\`. At the vendor: ${sentence(hooks.setup)}`
    : ''
}

/** @param {readonly string[]} lines */
const bullets = (lines) => lines.map((line) => `- ${line}`).join('\n')

/** @param {string} text */
const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`)

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|')

/** As GitHub makes them. @param {string} heading */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
