// What others have said of a provider's operations, kept as data beside the tests that prove it, so that the table of the
// docs can be made, and checked, where no vendor's description is at hand. IFAB_CONFORMANCE=write writes what is found.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const FOLDER = join(import.meta.dirname, '../conformance')

const conformanceSchema = z.strictObject({
  /** By the vendor's description: its files, and operations whose requests and answers it takes. */
  described: z.strictObject({ by: z.array(z.string()), operations: z.array(z.string()) }).optional(),
  /** By the vendor's own clients against the twin: operations by the name of the client. */
  clients: z.record(z.string(), z.array(z.string())).default({}),
  /** By real servers: operations by the name of the peer. */
  peers: z.record(z.string(), z.array(z.string())).default({}),
})
export type Conformance = z.output<typeof conformanceSchema>

export const writesConformance = process.env.IFAB_CONFORMANCE === 'write'

const pathOf = (provider: string): string => join(FOLDER, `${provider}.json`)

/** What is recorded; nothing where there is no record. */
export function conformanceOf(provider: string): Conformance {
  const path = pathOf(provider)
  return conformanceSchema.parse(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {})
}

/** Changes the record of a provider. */
export function writeConformance(provider: string, change: (recorded: Conformance) => Conformance): void {
  mkdirSync(FOLDER, { recursive: true })
  const { described, clients, peers } = change(conformanceOf(provider))
  const sorted = (record: Conformance['clients']) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
  const record = { ...(described ? { described } : {}), clients: sorted(clients), peers: sorted(peers) }
  writeFileSync(pathOf(provider), `${shortLists(JSON.stringify(record, null, 2))}\n`)
}

/** Lists on one line where they fit, as the formatter of the repository has them. */
const shortLists = (json: string): string =>
  json.replace(
    /^( *)(.*)\[\n([^\]]*)\n *\](,?)$/gm,
    (whole, indent: string, before: string, items: string, comma: string) => {
      const line = `${indent}${before}[${items
        .split('\n')
        .map((item) => item.trim())
        .join(' ')}]${comma}`
      return line.length <= 120 ? line : whole
    },
  )
