// How far a provider may go by its manifest: hosts, scopes, and what each operation does to the world. A newer manifest
// that goes no further is as good as the one that somebody looked at; one that does is looked at again.
import { z } from 'zod'
import type { Manifest } from '../adapter/index.ts'

export const reachSchema = z
  .strictObject({
    hosts: z.array(z.string()),
    scopes: z.array(z.string()),
    effects: z.record(z.string(), z.string()).describe('By operation: read, create, update, delete, send or charge.'),
  })
  .describe('What was granted when the project was locked.')

export type Reach = z.output<typeof reachSchema>

export const reachOf = ({ hosts, scopes, operations }: Pick<Manifest, 'hosts' | 'scopes' | 'operations'>): Reach => ({
  hosts,
  scopes,
  effects: Object.fromEntries(Object.entries(operations).map(([id, { effect }]) => [id, effect])),
})

/** What `after` may do that `before` might not, in words; nothing where it only stays or narrows. */
export function widenings(before: Reach, after: Reach): string[] {
  const beyond = (what: string, old: readonly string[], fresh: readonly string[]) =>
    fresh.filter((name) => !old.includes(name)).map((name) => `${what} ${name}`)
  return [
    ...beyond('reaches', before.hosts, after.hosts),
    ...beyond('needs', before.scopes, after.scopes),
    ...Object.entries(after.effects).flatMap(([id, effect]) => {
      const old = Object.hasOwn(before.effects, id) ? before.effects[id] : undefined
      if (old === undefined) return [`can ${id} (${effect})`]
      return old === effect ? [] : [`${id} is ${effect} instead of ${old}`]
    }),
  ]
}
