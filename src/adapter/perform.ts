// An operation carried out: built, sent through the door, answered, read. Everything it throws says in `details`
// whether the action may have happened (PerformFailure). It decides nothing about permission, cost or record.
import { createHash } from 'node:crypto'
import type { Attempt } from '../egress/index.ts'
import { FabricError, type JsonValue } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import { type Page, pagesOf } from './paginate.ts'
import type { BuiltRequest, Performed } from './planned.ts'
import { prepared, requestOf } from './ready-request.ts'
import { requestDigestOf } from './request-digest.ts'
import { askSocket } from './socket.ts'
import { performStream } from './stream-http.ts'
import { whatItTold } from './told.ts'

/** Performs one operation over HTTP, or one command with one answer over a websocket. */
export async function perform(options: PerformOptions): Promise<Performed> {
  const attempts: Attempt[] = []
  const built = requestOf(await prepared(options, attempts), attempts)
  if (built.spec.transport === 'websocket') return askSocket(options, built, attempts)
  if (built.spec.stream) return performStream(options, built, attempts)
  return performWhole(options, built, attempts)
}

/** All pages of a list are one result: what the first one says, with the items of all. */
async function performWhole(options: PerformOptions, built: BuiltRequest, attempts: Attempt[]): Promise<Performed> {
  const until = performance.now() + options.timeoutMs
  const hash = createHash('sha256')
  const items: JsonValue[] = []
  let first: Page | undefined
  let last: Page | undefined
  for await (const page of pagesOf(options, built, {
    attempts,
    deadline: () => until,
    seen: (response) => hash.update(response.body),
  })) {
    first ??= page
    last = page
    for (const item of page.items) items.push(item)
  }
  if (!first || !last) throw new FabricError('IF_ERR_INTERNAL', `${options.entry.id} ended without an answer`)
  const { pages } = options.entry.operation
  const result = pages ? { ...first.result, [pages.field]: items } : last.result
  return {
    result,
    requestDigest: requestDigestOf(built),
    responseDigest: hash.digest('hex'),
    vendorRequestId: last.answer.requestId,
    status: last.answer.response.status,
    attempts,
    ...whatItTold(options, result, last.answer.response),
  }
}
