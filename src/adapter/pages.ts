// Lists that come in pages: the same request again with what the last page says, until there are enough items. Each
// page is built from the definition's own request, so it passes the same route check as the first.
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import type { BodyValue } from './body-value.ts'
import type { NextPage } from './definition.ts'
import type { PerformOptions } from './exchange.ts'
import { bracketed } from './extras.ts'
import type { RequestSpec } from './request.ts'

/** Without a limit of its own a list ends here. */
const ITEMS_MAX = 10_000

/** Empty pages in a row; some vendors have a few, where they filter what they have looked at. */
const EMPTY_PAGES_MAX = 100

export interface Pager {
  /** The items of a page, as many of them as the limit leaves. */
  take(result: JsonObject): readonly JsonValue[]
  /** The request of the next page, undefined where there is none or enough is there. */
  next(body: JsonValue, headers: Readonly<Record<string, string>>): RequestSpec | undefined
}

/** Follows the pages of a list operation; undefined for any other operation. */
export function openPager({ entry, input }: PerformOptions, spec: RequestSpec): Pager | undefined {
  const { pages } = entry.operation
  if (!pages) return undefined
  const limit = typeof input.limit === 'number' ? input.limit : ITEMS_MAX
  const seen = new Set<string>()
  let count = 0
  let empty = 0
  return {
    take(result) {
      const found = result[pages.field]
      const items = Array.isArray(found) ? found.slice(0, limit - count) : []
      count += items.length
      empty = items.length === 0 ? empty + 1 : 0
      return items
    },
    next(body, headers) {
      if (count >= limit) return undefined
      const change = pages.next(body, { headers, input, count, pages: seen.size + 1 })
      if (!change) return undefined
      const key = JSON.stringify(change)
      if (seen.has(key)) throw endless(entry.id, 'names the same next page twice')
      if (empty >= EMPTY_PAGES_MAX) throw endless(entry.id, `gives ${empty} pages in a row with nothing in them`)
      seen.add(key)
      return changed(spec, change)
    },
  }
}

const endless = (operation: string, what: string): FabricError =>
  new FabricError('IF_ERR_BAD_RESPONSE', `${operation}: the provider ${what}`, {
    hint: 'Ask for fewer items; the list of the provider has no end.',
  })

/** The first request with what changes; its body keeps its encoding. */
function changed(spec: RequestSpec, { query, json }: NextPage): RequestSpec {
  const next = { ...spec, query: { ...spec.query, ...query } }
  if (next.transport !== 'http' || !json) return next
  const { body } = next
  if (body?.encoding === 'form') {
    const fields = bracketed(JSON.parse(JSON.stringify(json)) as JsonObject) // exact numbers are text in a form
    return { ...next, body: { ...body, value: { ...body.value, ...fields } } }
  }
  const members = body?.encoding === 'json' ? (body.value as { readonly [name: string]: BodyValue }) : {}
  return { ...next, body: { encoding: 'json', value: { ...members, ...json } } }
}

/** The parameters of an address that a vendor gives for its next page; one that repeats is a list. */
export function queryIn(address: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(address.includes('?') ? address.slice(address.indexOf('?')) : '')
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

/** The address with `rel="next"` of a Link header (RFC 8288), undefined on the last page. */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, address, parameters = ''] of (header ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[^,;]+(?:"[^"]*")?)*)/g)) {
    if (/;\s*rel\s*=\s*"?(?:[^";]*\s)?next(?:\s[^";]*)?"?/i.test(parameters)) return address
  }
  return undefined
}
