// An operation carried out: built, sent through the door, answered, read. Everything it throws says in `details`
// whether the action may have happened (PerformFailure). It decides nothing about permission, cost or record.
import { createHash } from 'node:crypto'
import type { Attempt } from '../egress/index.ts'
import { FabricError, isFabricError, type JsonObject } from '../foundation/index.ts'
import { buildFromSpec, buildRequest } from './build.ts'
import { type Answer, exchange, type PerformOptions } from './exchange.ts'
import { type FailureContext, transportError, unreadableError, unsentError } from './failure.ts'
import { openPager, type Pager } from './pages.ts'
import type { BuiltRequest, Performed } from './planned.ts'
import { preparedFor } from './prepare.ts'
import { requestDigestOf } from './request-digest.ts'
import { resultOf } from './result.ts'
import { askSocket } from './socket.ts'

/** Performs one operation over HTTP, or one command with one answer over a websocket. */
export async function perform(options: PerformOptions): Promise<Performed> {
  const attempts: Attempt[] = []
  const built = requestOf(await prepared(options, attempts), attempts)
  if (built.spec.transport === 'websocket') return askSocket(options, built, attempts)
  const deadline = performance.now() + options.timeoutMs
  const hash = createHash('sha256')
  const pager = openPager(options, built.spec)
  let page = built
  for (;;) {
    const timeoutMs = Math.max(1, deadline - performance.now())
    const answer = await exchange(options, page, { timeoutMs, attempts })
    hash.update(answer.response.body)
    const result = await readResult(options, answer, attempts)
    pager?.add(result)
    const next = nextPage(options, pager, answer, attempts)
    if (next) {
      page = next
      continue
    }
    return {
      result: pager ? pager.merged() : result,
      requestDigest: requestDigestOf(built),
      responseDigest: hash.digest('hex'),
      vendorRequestId: answer.requestId,
      status: answer.response.status,
      attempts,
    }
  }
}

/** The request to send; what fails here fails before anything left. */
export function requestOf(options: PerformOptions, attempts: Attempt[]): BuiltRequest {
  try {
    const built = options.built ?? buildRequest(options)
    const [unset] = built.unset
    if (unset !== undefined) throw unsetSetting(options, unset)
    return built
  } catch (thrown) {
    throw unsentError(contextOf(options, attempts), thrown)
  }
}

/** What a sandbox has to say before the request is built. */
async function prepared(options: PerformOptions, attempts: Attempt[]): Promise<PerformOptions> {
  if (options.built || !options.entry.operation.remote) return options
  try {
    return { ...options, entry: await preparedFor(options.entry, options.input) }
  } catch (thrown) {
    throw unsentError(contextOf(options, attempts), thrown)
  }
}

function unsetSetting({ instance, provider: { definition } }: PerformOptions, name: string): FabricError {
  return new FabricError('IF_ERR_INVALID_INPUT', `${instance.name}: the setting ${name} has no value`, {
    hint: definition.settings?.[name]?.description ?? 'It is a part of the address.',
    next: `ifab provider add ${definition.id} --as ${instance.name} --set ${name}=…`,
  })
}

function readResult(options: PerformOptions, answer: Answer, attempts: Attempt[]): Promise<JsonObject> {
  const { response, requestId } = answer
  const { status, headers } = response
  const context = { entry: options.entry, input: options.input, status, headers }
  return resultOf(context, answer.body, (problem, cause) =>
    unreadableError(contextOf(options, attempts), problem, { response, requestId, cause }),
  )
}

function nextPage(
  options: PerformOptions,
  pager: Pager | undefined,
  answer: Answer,
  attempts: Attempt[],
): BuiltRequest | undefined {
  try {
    const spec = pager?.next(answer.body)
    return spec && buildFromSpec(options, spec)
  } catch (thrown) {
    if (isFabricError(thrown)) throw transportError(contextOf(options, attempts), thrown)
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw unreadableError(contextOf(options, attempts), `the next page cannot be found (${reason})`, { cause: thrown })
  }
}

/** Reading an answer that came is no matter of repeating: `repeatable` false lets its own outcome stand. */
const contextOf = ({ instance, entry }: PerformOptions, attempts: Attempt[]): FailureContext => ({
  instance: instance.name,
  entry,
  attempts,
  repeatable: false,
})
