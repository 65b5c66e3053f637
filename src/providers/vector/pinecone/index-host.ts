// The address of an index, as Pinecone tells it.
import { type JsonValue, readAs, z } from '../../../adapter/index.ts'

export const INDEX_PATH = '/indexes/{index_name}'

const DOMAIN = '.pinecone.io'

const described = z.object({ host: z.string().endsWith(DOMAIN) })

/** Where requests about an index go, from the answer that describes it. The engine holds the host to its pattern. */
export function atIndex({ body }: { body: JsonValue }): { base: string; host: { index: string } } {
  const { host } = readAs(described, body)
  return { base: 'data', host: { index: host.slice(0, -DOMAIN.length) } }
}
