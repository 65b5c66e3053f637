// The routes of a twin, compiled once. Operations are served where the definition's own request builders send their examples;
// `routes` of its twin add the rest. Several may share method and template: then the call itself tells which is meant.
import {
  type Auth,
  authOf,
  authsOf,
  type DefinedOperation,
  definedOperations,
  exampleRequests,
  type HttpRequestSpec,
  type ProviderDefinition,
  type TwinAnswer,
  type TwinCall,
  tokenRequests,
} from '../adapter/index.ts'
import { FabricError, type JsonValue } from '../foundation/index.ts'
import { type ExampleBody, exampleBodyOf, type Place } from './example-body.ts'
import { type Likeness, likenessOf } from './likeness.ts'
import { isOpen, type Requirement, requirementOf } from './requirement.ts'
import { namesIn, RouteTree, shapeOf } from './route-tree.ts'

export interface Route {
  /** An operation's id, or a key of the definition's `routes`. */
  operation: string
  /** When a call counts as an effect: each success, only a success that changed something, or never. */
  counts: 'success' | 'change' | 'never'
  handle: (call: TwinCall) => TwinAnswer
  /** Whole path template, with the base's prefix. */
  template: string
  /** Each of them is enough; none where everybody is let in. */
  requirements: readonly Requirement[]
  /** Where a body has the idempotency key. */
  keys: readonly Place[]
  examples: readonly Likeness[]
  /** Bodies of any content type are taken. */
  anyBody: boolean
}

export interface RouteMatch {
  route: Route
  path: Record<string, string>
}

interface DraftRoute extends Route {
  requirements: Requirement[]
  keys: Place[]
  examples: Likeness[]
}

export class RouteTable {
  readonly operations = new Set<string>()
  readonly #definition: ProviderDefinition
  readonly #tree = new RouteTree<DraftRoute>()
  /** By method and shape of the template. */
  readonly #drafts = new Map<string, DraftRoute[]>()

  constructor(definition: ProviderDefinition) {
    this.#definition = definition
    const operations = definedOperations(definition)
    const further = operations.flatMap((operation) => this.#addOperation(operation))
    for (const [key, handle] of Object.entries(definition.twin.routes ?? {})) this.#addRoute(key, handle)
    for (const { spec, by } of further) this.#describeFurther(spec, by)
    for (const { token } of authsOf(definition)) {
      for (const spec of token ? tokenRequests(token) : []) this.#describe(spec, { slots: token?.slots ?? [] })
    }
    for (const draft of [...this.#drafts.values()].flat()) this.#close(draft)
  }

  /** All that shares the route of a request, operations first. Empty: no such path, or not with this method. */
  find(method: string, path: string): RouteMatch[] {
    const { found = [], values = [] } = this.#tree.find(method, path) ?? {}
    return found.map((route) => ({
      route,
      path: Object.fromEntries(namesIn(route.template).map((name, at) => [name, values[at] ?? ''])),
    }))
  }

  /** Returns the requests that follow the operation's first one. */
  #addOperation(defined: DefinedOperation): { spec: HttpRequestSpec; by: string }[] {
    const { id, operation } = defined
    const { twin, id: provider } = this.#definition
    const handle = twin.operations[id] ?? twin.operations[id.slice(id.indexOf(':') + 1)]
    this.operations.add(id)
    return operation.examples.flatMap((_example, at) => {
      const { input, first, further } = exampleRequests(defined, at)
      if (first.transport === 'websocket') return []
      if (!handle) throw new FabricError('IF_ERR_INTERNAL', `twin of ${provider}: no handler for ${id}`)
      const template = prefixOf(this.#definition, first.base) + first.template
      const counts = operation.effect === 'read' ? 'never' : 'success'
      const draft = this.#draft(first.method, { operation: id, counts, handle, template })
      this.#learn(draft, first, { auth: authOf(this.#definition, first), input })
      return further.map((spec) => ({ spec, by: id }))
    })
  }

  #addRoute(key: string, handle: Route['handle']): void {
    if (!/^[A-Z]+ \/\S*$/.test(key)) {
      throw new FabricError(
        'IF_ERR_INTERNAL',
        `twin of ${this.#definition.id}: the route ${JSON.stringify(key)} is not METHOD /path`,
      )
    }
    const [method = '', template = ''] = key.split(' ')
    this.#draft(method, { operation: key, counts: 'change', handle, template })
  }

  #describeFurther(spec: HttpRequestSpec, by: string): void {
    if (this.#describe(spec, authOf(this.#definition, spec))) return
    const route = `${spec.method} ${prefixOf(this.#definition, spec.base)}${spec.template}`
    throw new FabricError(
      'IF_ERR_INTERNAL',
      `twin of ${this.#definition.id}: no handler for ${route}, which ${by} sends after its first request`,
      { hint: 'Add it to the routes of the twin.' },
    )
  }

  /** Lets the `routes` entry of a request know what it looks like; false where neither it nor an operation is served there. */
  #describe(spec: HttpRequestSpec, auth: Pick<Auth, 'slots' | 'sign'>): boolean {
    const template = prefixOf(this.#definition, spec.base) + spec.template
    const drafts = this.#drafts.get(`${spec.method} ${shapeOf(template)}`) ?? []
    const own = drafts.find(({ counts }) => counts === 'change')
    if (own) this.#learn(own, spec, { auth, input: {} })
    return drafts.length > 0
  }

  #draft(method: string, route: Pick<Route, 'operation' | 'counts' | 'handle' | 'template'>): DraftRoute {
    const place = `${method} ${shapeOf(route.template)}`
    const drafts = this.#drafts.get(place) ?? []
    this.#drafts.set(place, drafts)
    const known = drafts.find(({ operation, template }) => operation === route.operation && template === route.template)
    if (known) return known
    const draft: DraftRoute = { ...route, requirements: [], keys: [], examples: [], anyBody: false }
    drafts.push(draft)
    this.operations.add(route.operation)
    this.#tree.add(method, route.template, draft)
    return draft
  }

  #learn(
    draft: DraftRoute,
    spec: HttpRequestSpec,
    { auth, input }: { auth: Pick<Auth, 'slots' | 'sign'>; input: JsonValue },
  ): void {
    const body = exampleBodyOf(spec.body)
    draft.examples.push(likenessOf(spec, { input, body: body.value }))
    draft.keys.push(...body.keys)
    draft.requirements.push(requirementOf(this.#definition, auth, { template: draft.template, body }))
    draft.anyBody ||= spec.body?.encoding === 'raw'
  }

  /** Who is let in, once all is known that is sent there. */
  #close(draft: DraftRoute): void {
    const { twin } = this.#definition
    if (draft.examples.length === 0) draft.requirements.push(...this.#anyAuth(draft.template))
    const isNamed = twin.open?.some((name) => [name, `${this.#definition.id}:${name}`].includes(draft.operation))
    if (isNamed || draft.requirements.some(isOpen)) draft.requirements.length = 0
  }

  /** Of a route that only the vendor's client knows. */
  #anyAuth(template: string): Requirement[] {
    const auths = authsOf(this.#definition).map((auth) =>
      requirementOf(this.#definition, auth, { template, body: BODILESS }),
    )
    const closed = auths.filter((requirement) => !isOpen(requirement))
    return closed.length > 0 ? closed : auths
  }
}

const BODILESS: ExampleBody = { value: {}, secrets: [], keys: [] }

/** The path of a base address: `https://slack.com/api` → `/api`. All before it may be settings. */
function prefixOf(definition: ProviderDefinition, base: string): string {
  const address = definition.baseUrls[base]
  if (address === undefined) throw new FabricError('IF_ERR_INTERNAL', `${definition.id} has no base address ${base}`)
  return address.replace(/^(?:[a-z]+|\{[^}]+\}):\/\/[^/]*|^\{[^}]+\}/, '').replace(/\/$/, '')
}
