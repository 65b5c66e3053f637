// A list as one async iterator, page after page: the next one is asked for when its first item is wanted, and a reader who
// leaves asks for no more. `perform` reads through the same pages.
import type { Attempt, IncomingResponse } from '../egress/index.ts'
import { FabricError, isFabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { buildFromSpec } from './build.ts'
import { type Answer, exchange, type PerformOptions } from './exchange.ts'
import { transportError, unreadableError } from './failure.ts'
import { openPager, type Pager } from './pages.ts'
import type { BuiltRequest } from './planned.ts'
import { contextOf, prepared, requestOf } from './ready-request.ts'
import { resultOf } from './result.ts'
import { asLook, performMore } from './several.ts'

/** The items of a list operation up to its `limit`. `timeoutMs` bounds each page. Throws as `perform` does. */
export async function* paginate(options: PerformOptions): AsyncGenerator<JsonValue, void, undefined> {
  const { entry, provider, timeoutMs } = options
  if (!entry.operation.pages) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `${entry.id} of ${provider.definition.id} is no list in pages`, {
      hint: 'Call it as an ordinary operation.',
    })
  }
  const attempts: Attempt[] = []
  const built = requestOf(await prepared(options, attempts), attempts)
  const deadline = () => performance.now() + timeoutMs
  for await (const { items } of pagesOf(options, built, { attempts, deadline, seen: () => {} })) yield* items
}

export interface Page {
  answer: Answer
  /** Of this page. */
  result: JsonObject
  /** Of this page, trimmed to what the limit leaves; none where the operation is no list. */
  items: readonly JsonValue[]
}

export interface PageOptions {
  attempts: Attempt[]
  /** When a page has to be there, as `performance.now()` tells it; asked at the start of each page. */
  deadline: () => number
  /** Told of each answer. */
  seen: (response: IncomingResponse) => void
}

/** The pages of a list, or the one answer of any other operation over HTTP. */
export async function* pagesOf(
  options: PerformOptions,
  built: BuiltRequest,
  { attempts, deadline, seen }: PageOptions,
): AsyncGenerator<Page, void, undefined> {
  const pager = openPager(options, built.spec)
  const { more, looksFirst } = options.entry.operation
  for (let page: BuiltRequest | undefined = built; page; ) {
    const until = deadline()
    const call = looksFirst ? asLook(options) : options
    const answer: Answer = await exchange(call, page, { timeoutMs: timeLeft(until), attempts })
    seen(answer.response)
    const result = more
      ? await performMore(options, answer, { more, deadline: until, attempts, seen })
      : await readResult(options, answer, attempts)
    yield { answer, result, items: pager?.take(result) ?? [] }
    page = nextPage(options, pager, answer, attempts)
  }
}

const timeLeft = (deadline: number): number => Math.max(1, deadline - performance.now())

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
    const spec = pager?.next(answer.body, answer.response.headers)
    return spec && buildFromSpec(options, spec)
  } catch (thrown) {
    if (isFabricError(thrown)) throw transportError(contextOf(options, attempts), thrown)
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw unreadableError(contextOf(options, attempts), `the next page cannot be found (${reason})`, { cause: thrown })
  }
}
