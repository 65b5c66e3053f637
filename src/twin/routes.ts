// The routes of a twin, compiled once: a tree of path segments, so that a call finds its handler in as many steps as
// its path has segments, however many operations there are. Templates come from running the definition's own request
// builders over its examples; a literal segment wins over `{name}`.
import type { ProviderDefinition, TwinAnswer, TwinCall } from '../adapter/index.ts'
import { FabricError } from '../foundation/index.ts'
import { definedOperations } from './operations.ts'

export interface Route {
  /** An operation's id, or a key of the definition's `routes`. */
  operation: string
  /** When a call counts as an effect: each success, only a success that changed something, or never. */
  counts: 'success' | 'change' | 'never'
  handle: (call: TwinCall) => TwinAnswer
  /** Whole path template, with the base's prefix. */
  template: string
  /** Names of `{name}` segments, in order. */
  names: readonly string[]
}

export interface RouteMatch {
  route: Route
  path: Record<string, string>
}

interface Segment {
  literals: Map<string, Segment>
  parameter: Segment | undefined
  methods: Map<string, Route>
}

export class RouteTable {
  readonly #root = emptySegment()
  readonly operations = new Set<string>()

  constructor(definition: ProviderDefinition) {
    for (const { id, key, operation } of definedOperations(definition)) {
      const handle = definition.twin.operations[id] ?? definition.twin.operations[key]
      for (const example of operation.examples) {
        const spec = operation.request(example.input)
        this.operations.add(id)
        if (spec.transport === 'websocket') continue
        if (!handle) throw new FabricError('IF_ERR_INTERNAL', `twin of ${definition.id}: no handler for ${id}`)
        const template = prefixOf(definition, spec.base) + spec.template
        this.#add(spec.method, template, {
          operation: id,
          counts: operation.effect === 'read' ? 'never' : 'success',
          handle,
        })
      }
    }
    for (const [key, handle] of Object.entries(definition.twin.routes ?? {})) {
      const [method = '', template = ''] = key.split(' ')
      if (!/^[A-Z]+ \/\S*$/.test(key)) {
        throw new FabricError(
          'IF_ERR_INTERNAL',
          `twin of ${definition.id}: the route ${JSON.stringify(key)} is not METHOD /path`,
        )
      }
      this.#add(method, template, { operation: key, counts: 'change', handle })
    }
  }

  /** The route of a request. `undefined`: no such path, or not with this method. */
  find(method: string, path: string): RouteMatch | undefined {
    const values: string[] = []
    const route = match(this.#root, path.split('/'), { at: 1, method, values })
    if (!route) return undefined
    return { route, path: Object.fromEntries(route.names.map((name, at) => [name, values[at] ?? ''])) }
  }

  #add(method: string, template: string, route: Omit<Route, 'names' | 'template'>): void {
    const names: string[] = []
    let segment = this.#root
    for (const part of template.split('/').slice(1)) {
      const name = /^\{(.+)\}$/.exec(part)?.[1]
      if (name === undefined) {
        const next = segment.literals.get(part) ?? emptySegment()
        segment.literals.set(part, next)
        segment = next
      } else {
        names.push(name)
        segment.parameter ??= emptySegment()
        segment = segment.parameter
      }
    }
    this.operations.add(route.operation)
    // Several examples share a template; of two things on one template the first has it, operations before routes.
    if (!segment.methods.has(method)) segment.methods.set(method, { ...route, template, names })
  }
}

const emptySegment = (): Segment => ({ literals: new Map(), parameter: undefined, methods: new Map() })

interface Search {
  at: number
  method: string
  /** Filled with the values of `{name}` segments. */
  values: string[]
}

function match(segment: Segment, parts: readonly string[], search: Search): Route | undefined {
  const { at, method, values } = search
  const part = parts[at]
  if (part === undefined) return segment.methods.get(method)
  const literal = segment.literals.get(part)
  const found = literal && match(literal, parts, { at: at + 1, method, values })
  if (found || !segment.parameter) return found
  const value = decodeSegment(part)
  if (!value) return undefined
  values.push(value)
  const further = match(segment.parameter, parts, { at: at + 1, method, values })
  if (!further) values.pop()
  return further
}

/** Undefined for broken percent-encoding: such a path leads nowhere. */
function decodeSegment(part: string): string | undefined {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** The path of a base address: `https://slack.com/api` → `/api`. All before it may be settings. */
function prefixOf(definition: ProviderDefinition, base: string): string {
  const address = definition.baseUrls[base]
  if (address === undefined) throw new FabricError('IF_ERR_INTERNAL', `${definition.id} has no base address ${base}`)
  return address.replace(/^(?:[a-z]+|\{[^}]+\}):\/\/[^/]*|^\{[^}]+\}/, '').replace(/\/$/, '')
}
