// Policy files → policies that can judge, or every fault with its file and line. A policy that the schema refuses, that
// could never apply, or that two files name the same, is a fault: nothing of it is guessed.
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { didYouMean, digestOf, invalidFile, sha256Hex } from '../../foundation/index.ts'
import { type Annotated, readAnnotations } from './annotations.ts'
import { withCedar } from './engine.ts'
import { lineAt, type PolicyText, splitPolicies } from './policy-text.ts'

export interface PolicyFile {
  /** As people are told of it: `policies/support.cedar`. */
  name: string
  text: string
  /** Default true. */
  mayPermit?: boolean
}

/** One policy, in a form that can be kept as JSON. */
export type CompiledPolicy = {
  /** Its @id, or file and position: `support/policy0`. */
  rule: string
  file: string
  line: number
  source: string
  annotated: Annotated
  json: PolicyJson
}

export interface PolicyFault {
  file: string
  line: number
  problem: string
  hint?: string
}

export interface CompileOptions {
  /** Text of the Cedar schema. */
  schema: string
  /** Groups of approvers that @ask may name; any where it is absent. */
  groups?: readonly string[]
}

export interface Compiled {
  policies: CompiledPolicy[]
  faults: PolicyFault[]
  /** What is allowed, but hardly meant. */
  warnings: PolicyFault[]
}

const DEEPEST = 40
/** Levels of the parsed form, two for each operator; well before the engine runs out of stack. */
const DEEPEST_PARSED = 200
const LONGEST_FILE = 262_144
const LONGEST_POLICY = 16_384
const TOO_DEEP = 'nested too deeply'

type Piece = PolicyText & { file: string; stem: string; at: number; mayPermit: boolean }

/** Stands for exactly these files under this schema. */
export const compileDigest = (files: readonly PolicyFile[], { schema, groups }: CompileOptions): string =>
  digestOf({ format: 1, schema: sha256Hex(schema), groups: groups ?? null, files })

/** Parses and validates; the policies are good only where there is no fault. */
export function compilePolicies(files: readonly PolicyFile[], options: CompileOptions): Compiled {
  const faults: PolicyFault[] = []
  const pieces = files.flatMap((file) => {
    if (Buffer.byteLength(file.text) > LONGEST_FILE) {
      faults.push({ file: file.name, line: 1, problem: `is longer than ${LONGEST_FILE} bytes` })
      return []
    }
    const { name, text, mayPermit = true } = file
    return splitPolicies(text).map((piece, at) => ({ ...piece, file: name, stem: stemOf(name), at, mayPermit }))
  })
  const policies: CompiledPolicy[] = []
  for (const piece of pieces) {
    const policy = compileOne(piece, options.groups)
    if ('problem' in policy) faults.push(policy)
    else policies.push(policy)
  }
  faults.push(...namedTwice(policies))
  if (faults.length > 0) return { policies, faults, warnings: [] }
  return { policies, ...validate(policies, options.schema) }
}

/** The error of a fault, in the house's form. */
export const faultError = ({ file, line, problem, hint }: PolicyFault) => invalidFile(file, line, '', problem, hint)

function compileOne(piece: Piece, groups: readonly string[] | undefined): CompiledPolicy | PolicyFault {
  const { file, line, text, depth } = piece
  if (depth > DEEPEST) return { file, line, problem: TOO_DEEP }
  if (text.length > LONGEST_POLICY) return { file, line, problem: `is longer than ${LONGEST_POLICY} characters` }
  if (/\?(?:principal|resource)\b/.test(text) && isTemplate(text))
    return { file, line, problem: 'is a template', hint: 'Write the principal or resource itself.' }
  const answer = withCedar((cedar) => cedar.policyToJson(text))
  if (answer === 'trapped') return { file, line, problem: TOO_DEEP }
  if (answer.type === 'failure') {
    const [first] = answer.errors
    return faultOf(piece, first?.message ?? 'cannot be parsed', first)
  }
  if (depthOf(answer.json) > DEEPEST_PARSED) return { file, line, problem: TOO_DEEP }
  if (answer.json.effect === 'permit' && !piece.mayPermit)
    return { file, line, problem: 'is a permit, and this folder may only forbid', hint: 'Permits belong to the home.' }
  const annotated = readAnnotations(answer.json.annotations ?? {}, answer.json.effect, groups)
  if (typeof annotated === 'string') return { file, line, problem: annotated }
  const rule = annotated.id ?? `${piece.stem}/policy${piece.at}`
  return { rule, file, line, source: text, annotated, json: answer.json }
}

function depthOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0
  return 1 + Object.values(node).reduce<number>((deepest, part) => Math.max(deepest, depthOf(part)), 0)
}

const isTemplate = (text: string): boolean => {
  const answer = withCedar((cedar) => cedar.policySetTextToParts(text))
  return answer !== 'trapped' && answer.type === 'success' && answer.policy_templates.length > 0
}

function namedTwice(policies: readonly CompiledPolicy[]): PolicyFault[] {
  const seen = new Map<string, CompiledPolicy>()
  return policies.flatMap((policy) => {
    const { rule, file, line } = policy
    const other = seen.get(rule)
    seen.set(rule, other ?? policy)
    if (!other) return []
    return [{ file, line, problem: `@id(${JSON.stringify(rule)}) is that of ${other.file}:${other.line} too` }]
  })
}

function validate(policies: CompiledPolicy[], schema: string): Pick<Compiled, 'faults' | 'warnings'> {
  if (policies.length === 0) return { faults: [], warnings: [] }
  const staticPolicies = Object.fromEntries(policies.map(({ source }, at) => [String(at), source]))
  const answer = withCedar((cedar) => cedar.validate({ schema, policies: { staticPolicies } }))
  if (answer === 'trapped') return { faults: tooDeep(policies, schema), warnings: [] }
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const faults = answer.validationErrors.map(({ policyId, error }) =>
    foundFault(policies, policyId, betterHelp(error, schema)),
  )
  const odd = answer.validationWarnings.map(({ policyId, error }) => foundFault(policies, policyId, error))
  const idle = odd.filter(({ problem }) => problem.startsWith(UNFIT)).map((fault) => ({ ...fault, ...NEVER }))
  return {
    faults: onePerLine([...faults, ...idle]),
    warnings: onePerLine(odd.filter(({ problem }) => !problem.startsWith(UNFIT))),
  }
}

const UNFIT = 'unable to find an applicable action'
const NEVER = {
  problem: 'can never apply: no operation fits its principal, action and resource',
  hint: 'A group is named by `in`, as in action in Action::"payment"; an actor or instance by its own type.',
}

interface EngineError {
  message: string
  help: string | null
  sourceLocations?: { start: number; label: string | null }[]
}

/** The engine takes any group for near whose name the misspelt one holds; an operation is nearer. */
function betterHelp(error: EngineError, schema: string): EngineError {
  const action = /unrecognized action `Action::"([^"]*)"`/.exec(error.message)?.[1]
  if (action === undefined) return error
  const known = [...schema.matchAll(/^action ("[^;]*?)(?: in |;)/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].flatMap(([, name]) => name ?? []),
  )
  return { ...error, help: didYouMean(action, known) ?? null }
}

const foundFault = (policies: CompiledPolicy[], policyId: string, error: EngineError): PolicyFault => {
  const policy = policies[Number(policyId)]
  if (!policy) throw new Error(`${policyId}: ${error.message}`)
  return faultOf({ ...policy, text: policy.source }, error.message, error)
}

function faultOf(
  piece: Pick<Piece, 'text' | 'line' | 'file'>,
  message: string,
  error: EngineError | undefined,
): PolicyFault {
  const [place] = error?.sourceLocations ?? []
  const plain = message.replace(/(?:for policy `\d+`, |failed to parse policy from string: |`\d+`: )/g, '')
  const problem = place?.label ? `${plain}: ${place.label}` : plain
  return {
    file: piece.file,
    line: place ? lineAt(piece, place.start) : piece.line,
    problem,
    ...(error?.help ? { hint: sentence(error.help) } : {}),
  }
}

const sentence = (help: string): string => {
  const text = help.charAt(0).toUpperCase() + help.slice(1)
  return /[.?!]$/.test(text) ? text : `${text}.`
}

/** The engine says the same of every operation that a policy could apply to. */
function onePerLine(faults: PolicyFault[]): PolicyFault[] {
  const first = new Map<string, PolicyFault>()
  for (const fault of faults) {
    const place = `${fault.file}:${fault.line}`
    if (!first.has(place)) first.set(place, fault)
  }
  return [...first.values()]
}

/** Those that break the engine alone; all of them where none does. */
function tooDeep(policies: readonly CompiledPolicy[], schema: string): PolicyFault[] {
  const breaks = ({ source }: CompiledPolicy): boolean =>
    withCedar((cedar) => cedar.validate({ schema, policies: { staticPolicies: { '0': source } } })) === 'trapped'
  const alone = policies.filter(breaks)
  return (alone.length > 0 ? alone : policies).map(({ file, line }) => ({ file, line, problem: TOO_DEEP }))
}

const stemOf = (name: string): string => (name.split('/').at(-1) ?? name).replace(/\.cedar$/, '')
