// Lists of Stripe: newest first, a hundred a page at most; pages go on behind the last id (docs.stripe.com/api/pagination).
import { type NextPage, z } from '../../../adapter/index.ts'

export const LARGEST_PAGE = 100

const unfinished = z.object({ has_more: z.literal(true), data: z.array(z.object({ id: z.string() })) })

export function nextPage(body: unknown): NextPage | undefined {
  const last = unfinished.safeParse(body).data?.data.at(-1)
  return last && { query: { starting_after: last.id } }
}
