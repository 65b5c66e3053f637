// Facts of a researched row: YAML with id, baseUrls, auth, secrets and operations {id, method, path, params, effect}.
import { z } from 'zod'
import { FabricError } from '../../foundation/index.ts'
import {
  type Category,
  type FieldKind,
  isObject,
  METHODS,
  type ScaffoldAuth,
  type ScaffoldFacts,
  type ScaffoldField,
  type ScaffoldOperation,
  sampleOfKind,
  secretName,
} from './facts.ts'

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  docs: z.string(),
  baseUrls: z.record(z.string(), z.string()),
  auth: z.object({ scheme: z.string(), detail: z.string().default('') }),
  secrets: z.array(z.string()).default([]),
  rateLimit: z.object({ rps: z.number().positive().nullish() }).nullish(),
  bodyEncoding: z.string().nullish(),
  sources: z.array(z.string()).default([]),
  operations: z
    .array(
      z.object({
        id: z.string(),
        method: z.string(),
        path: z.string(),
        params: z.record(z.string(), z.unknown()).nullish(),
        effect: z.enum(['read', 'create', 'update', 'delete', 'send', 'charge']),
        base: z.string().optional(),
      }),
    )
    .min(1),
})
type Row = z.output<typeof rowSchema>

/** Whether a file is a row at all. */
export const isCatalogueRow = (value: unknown): boolean =>
  isObject(value) && isObject(value.baseUrls) && Array.isArray(value.operations)

export function factsOfRow(value: unknown, { id, category }: { id: string; category: Category }): ScaffoldFacts {
  const parsed = rowSchema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new FabricError('IF_ERR_INVALID_INPUT', `${issue?.path.join('.')}: ${issue?.message}`, {
      hint: 'A row has id, name, docs, baseUrls, auth, secrets and operations.',
    })
  }
  const row = parsed.data
  const main = row.baseUrls.production ?? row.baseUrls.main ?? Object.values(row.baseUrls)[0] ?? ''
  const secrets = row.secrets.length > 0 ? row.secrets : [secretName(id, 'TOKEN')]
  return {
    id,
    name: row.name,
    category,
    docs: row.docs,
    sources: row.sources.length > 0 ? row.sources : [row.docs],
    baseUrl: main.replace(/\/$/, ''),
    auth: authOf(row, secrets),
    secrets,
    rps: row.rateLimit?.rps ?? 10,
    operations: row.operations.flatMap((operation) => operationOf(operation, row)),
  }
}

/** Only what goes over HTTP to the main address; the rest needs a definition by hand. */
function operationOf(operation: Row['operations'][number], row: Row): ScaffoldOperation[] {
  const method = METHODS.find((known) => known === operation.method)
  if (!method || (operation.base !== undefined && operation.base !== 'production')) return []
  const path = operation.path.replace(/\?.*$/, '')
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  const others = Object.entries(operation.params ?? {}).filter(([name]) => !inPath.includes(bare(name)))
  const place = method === 'GET' || method === 'DELETE' ? 'query' : 'body'
  return [
    {
      id: operation.id,
      summary: `${operation.effect.charAt(0).toUpperCase()}${operation.effect.slice(1)}: ${operation.id}.`,
      effect: operation.effect,
      method,
      path,
      fields: [
        ...inPath.map((name): ScaffoldField => field(name, 'path', 'text', true)),
        ...others.map(([name, text]): ScaffoldField => {
          const said = `${name} ${String(text)}`
          return field(bare(name), place, kindOf(String(text)), /\*(\s|$)/.test(said))
        }),
      ],
      body: row.bodyEncoding?.startsWith('form') ? 'form' : 'json',
      answer: {},
      status: 200,
    },
  ]
}

const bare = (name: string): string => name.replace(/[*?]+$/, '')

const field = (name: string, place: ScaffoldField['in'], kind: FieldKind, required: boolean): ScaffoldField => ({
  name,
  in: place,
  kind,
  required,
  sample: sampleOfKind(kind),
})

function kindOf(text: string): FieldKind {
  if (/^(int|integer)\b/.test(text)) return 'integer'
  if (/^(number|float|decimal)\b/.test(text)) return 'number'
  if (/^bool/.test(text)) return 'boolean'
  if (/^(array|list)\b/.test(text)) return 'list'
  return /^object\b/.test(text) ? 'object' : 'text'
}

function authOf({ auth }: Row, [first = '', second]: readonly string[]): ScaffoldAuth {
  const named = /([A-Za-z][\w-]*)\s*[:=]/.exec(auth.detail)?.[1]
  if (auth.scheme === 'none') return { scheme: 'none' }
  if (auth.scheme === 'basic') return { scheme: 'basic', user: first, password: second ?? first }
  if (auth.scheme === 'header') return { scheme: 'header', name: named ?? 'X-Api-Key', secret: first }
  if (auth.scheme === 'query') return { scheme: 'query', name: named ?? 'api_key', secret: first }
  return { scheme: 'bearer', secret: first }
}
