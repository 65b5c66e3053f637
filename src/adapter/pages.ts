// Lists that come in pages: the same request again with what the last page says, until there are enough items. Each
// page is built from the definition's own request, so it passes the same route check as the first.
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import type { RequestSpec } from './request.ts'

/** Without a limit of its own a list ends here. */
const ITEMS_MAX = 10_000

export interface Pager {
  /** The request of the next page, undefined where there is none or enough is there. */
  next(body: JsonValue): RequestSpec | undefined
  /** Adds a page's result. */
  add(result: JsonObject): void
  /** All pages in one result, trimmed to the limit. */
  merged(): JsonObject
}

/** Collects the pages of a list operation; undefined for any other operation. */
export function openPager({ entry, input }: PerformOptions, spec: RequestSpec): Pager | undefined {
  const { pages } = entry.operation
  if (!pages) return undefined
  const limit = typeof input.limit === 'number' ? input.limit : ITEMS_MAX
  const items: JsonValue[] = []
  const seen = new Set<string>()
  let first: JsonObject | undefined
  return {
    add(result) {
      first ??= result
      const found = result[pages.field]
      if (Array.isArray(found)) for (const item of found) items.push(item)
    },
    next(body) {
      if (items.length >= limit) return undefined
      const query = pages.next(body)
      if (!query) return undefined
      const key = JSON.stringify(query)
      if (seen.has(key)) {
        throw new FabricError('IF_ERR_BAD_RESPONSE', `${entry.id}: the provider names the same next page twice`, {
          hint: 'Ask for fewer items; the list of the provider goes in a circle.',
        })
      }
      seen.add(key)
      return { ...spec, query: { ...spec.query, ...query } }
    },
    merged: () => ({ ...first, [pages.field]: items.slice(0, limit) }),
  }
}
