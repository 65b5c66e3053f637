// One connection: who is at its other end, and what it asks. Nothing is performed before its hello, nothing that the table of
// methods doesn't name, and nothing that its token doesn't cover.
import { setMaxListeners } from 'node:events'
import type { CoordinatorPort } from '../coordinator/index.ts'
import type { Fabric, FabricHost, Grant } from '../fabric/index.ts'
import {
  describeIssue,
  FabricError,
  formatPath,
  isFabricError,
  optional,
  parseAddress,
  suggestion,
} from '../foundation/index.ts'
import {
  type Channel,
  CLOSE,
  checkVersions,
  type Hello,
  helloSchema,
  LIMITS,
  METHODS,
  type NamedMethod,
  Peer,
  type Served,
  type Welcome,
  type WorkerOpening,
} from '../wire/index.ts'
import { type CallSignals, perform } from './perform.ts'
import { checkSwarm, scopeRefusal } from './permits.ts'
import { type Ending, endsError, WorkerDesk } from './worker-desk.ts'

export interface SessionParts {
  readonly host: FabricHost
  readonly coordinator: CoordinatorPort
  /** Undefined: the owner of the home, on the socket. */
  readonly grant: Grant | undefined
  readonly ending: Ending
  /** Aborted when what runs has had its time. */
  readonly givingUp: AbortSignal
  closed(session: Session): void
}

export class Session {
  readonly peer: Peer
  readonly #parts: SessionParts
  readonly #desks = new Set<WorkerDesk>()
  readonly #gone = new AbortController()
  readonly #signals: CallSignals
  readonly #greeting: NodeJS.Timeout
  #fabric: Fabric | undefined
  /** Spans that the other end has. */
  #spansTold = 0
  #isTraced = false

  constructor(channel: Channel, parts: SessionParts) {
    this.#parts = parts
    const { signal } = this.#gone
    const ending = AbortSignal.any([signal, parts.ending.signal])
    // Every call that waits listens to them.
    setMaxListeners(0, signal, ending, parts.givingUp)
    this.#signals = {
      gone: signal,
      ending,
      givingUp: parts.givingUp,
    }
    this.peer = new Peer(channel, {
      serve: (request) => this.#serve(request),
      explain: (thrown) => this.#explained(thrown),
      spans: () => this.#freshSpans(),
      beat: () => void this.#isCurrent(),
    })
    void this.peer.closed.then(() => this.#closed())
    this.#greeting = setTimeout(
      () => this.peer.close(CLOSE.badFrame, new FabricError('IF_ERR_TIMEOUT', 'no hello came in time')),
      LIMITS.helloMs,
    )
    this.#greeting.unref()
  }

  get tokenId(): string | undefined {
    return this.#parts.grant?.id
  }

  /** Claims that its workers work on. */
  get tasks(): number {
    return [...this.#desks].reduce((total, { running }) => total + running, 0)
  }

  /** Calls that are performed, but for those that go on as long as their workers. */
  get calls(): number {
    return this.peer.serving - this.#desks.size
  }

  /** The token is no longer good. */
  revoke(why: string): void {
    this.peer.close(CLOSE.token, new FabricError('IF_ERR_INVALID_TOKEN', why))
  }

  #serve(request: Served): unknown {
    if (request.call === 'hello') return this.#welcome(request)
    if (!this.#fabric) throw new FabricError('IF_ERR_INVALID_INPUT', `${request.call}: expected hello first`)
    const named = METHODS.get(request.call)
    if (!named) throw unknownCall(request.call)
    if (!this.#isCurrent()) throw new FabricError('IF_ERR_INVALID_TOKEN', 'the token has expired')
    const { grant, ending, coordinator } = this.#parts
    const outOfScope = grant && scopeRefusal(grant, named)
    if (outOfScope) return this.#refuse(outOfScope, request)
    if (named.method.begins && ending.signal.aborted) throw endsError()
    const args = parseArgs(named, request.args)
    const checking = grant && checkSwarm(grant, request.call, args, { coordinator, fabric: this.#fabric })
    return checking ? checking.then(() => this.#perform(named, args, request)) : this.#perform(named, args, request)
  }

  /** Who may not decide on a plan has tried to, and that is on record. */
  async #refuse(error: FabricError, { call, args: [reference] }: Served): Promise<never> {
    if (call === 'fabric.decideApproval' && this.#fabric && typeof reference === 'string')
      await this.#parts.host.refusedDecision(reference, this.#fabric, error)
    throw error
  }

  #perform(named: NamedMethod, args: unknown[], request: Served): unknown {
    const { coordinator, grant, ending } = this.#parts
    if (named.name === 'worker') return this.#work(request, args[0] as WorkerOpening) // checked by its schema
    const fabric = this.#fabric as Fabric // asked after the hello only
    const target = named.room === 'fabric' ? fabric : coordinator
    const outcome = perform({ target, fabric, named, args, request, grant }, this.#signals)
    // In this turn, so that a next claim shares the commit of this end.
    if (ENDS.has(named.name)) for (const desk of this.#desks) desk.ended(args[0] as string, args[1] as number)
    return named.method.streams ? untilTheEnd(outcome as AsyncIterable<unknown>, ending.signal) : outcome
  }

  async #work(request: Served, opening: WorkerOpening): Promise<void> {
    const desk = new WorkerDesk(this.#parts.coordinator, request, opening)
    this.#desks.add(desk)
    try {
      await desk.serve(this.#parts.ending)
    } finally {
      this.#desks.delete(desk)
    }
  }

  /** Who was cut short by the end of the daemon is told so. */
  #explained(thrown: unknown): unknown {
    const isCut = this.#parts.ending.signal.aborted && isFabricError(thrown) && thrown.code === 'IF_ERR_CANCELLED'
    return isCut ? endsError() : thrown
  }

  #welcome(request: Served): Welcome {
    if (this.#fabric) throw new FabricError('IF_ERR_INVALID_INPUT', 'hello was said already')
    const { host, grant } = this.#parts
    const hello = parseHello(request.args[0])
    checkVersions({ client: hello.version, daemon: host.version })
    if (grant && hello.actor !== undefined && hello.actor !== grant.actor) {
      throw new FabricError('IF_ERR_SCOPE_MISSING', `the token acts as ${grant.actor}, not as ${hello.actor}`, {
        hint: 'Leave --actor out, or use a token of that actor.',
      })
    }
    const actor = grant?.actor ?? hello.actor
    const { session, why, trace } = hello
    this.#fabric = host.as({
      ...optional('actor', actor),
      ...optional('session', mayName(grant) ? session : undefined),
      ...optional('swarm', onlyOne(grant?.swarms)),
      ...optional('why', why),
      ...optional('trace', trace),
    })
    this.#isTraced = trace !== undefined
    clearTimeout(this.#greeting)
    host.logger.debug('a client has connected', { actor: this.#fabric.actor, session: this.#fabric.session })
    return {
      version: host.version,
      home: host.home,
      actor: this.#fabric.actor,
      session: this.#fabric.session,
      traceId: this.#fabric.trace.traceId,
      ...optional('project', this.#fabric.project),
    }
  }

  /** Whether the token still holds; one that doesn't costs the connection. */
  #isCurrent(): boolean {
    const { grant } = this.#parts
    if (!grant || Date.now() < grant.expiresAt) return true
    this.revoke('the token has expired')
    return false
  }

  #freshSpans(): unknown[] | undefined {
    if (!this.#isTraced || !this.#fabric) return undefined
    const fresh = this.#fabric.trace.spans.slice(this.#spansTold)
    this.#spansTold += fresh.length
    return fresh
  }

  #closed(): void {
    clearTimeout(this.#greeting)
    this.#gone.abort(new FabricError('IF_ERR_CANCELLED', 'the connection was lost'))
    const { host, closed } = this.#parts
    void this.#fabric?.close().catch((thrown: unknown) => {
      host.logger.warn('what a client watched did not end well', { error: String(thrown) })
    })
    closed(this)
  }
}

/** Words with which a holder ends its claim; no method of a fabric is called so. */
const ENDS: ReadonlySet<string> = new Set(['complete', 'fail', 'release', 'block'])

async function* untilTheEnd(items: AsyncIterable<unknown>, ending: AbortSignal): AsyncGenerator<unknown> {
  yield* items
  if (ending.aborted) throw endsError()
}

function parseHello(value: unknown): Hello {
  const parsed = helloSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `hello: ${issue ? `${formatPath(issue.path)} ${describeIssue(issue)}` : 'is wrong'}`,
  )
}

/** JSON has no undefined: what is left out between other arguments came as null. */
function parseArgs({ room, name, method }: NamedMethod, args: readonly unknown[]): unknown[] {
  const given = args.includes(null) ? args.map((value) => (value === null ? undefined : value)) : args
  const parsed = method.args.safeParse(given)
  if (parsed.success) return parsed.data as unknown[] // a tuple's output is a new array
  const [issue] = parsed.error.issues
  const place = issue ? `${formatPath(issue.path)}: ${describeIssue(issue)}` : 'the arguments are wrong'
  throw new FabricError('IF_ERR_INVALID_INPUT', `${room}.${name}${place}`)
}

const unknownCall = (call: string): FabricError =>
  new FabricError('IF_ERR_UNSUPPORTED', `this daemon has no call ${JSON.stringify(call.slice(0, 100))}`, {
    hint: suggestion(call, METHODS.keys(), 'It may be older than its client.'),
  })

/** A token of one swarm acts for that swarm. */
const onlyOne = (swarms: readonly string[] | null | undefined): string | undefined =>
  swarms?.length === 1 ? swarms[0] : undefined

/**
 * An agent that could name its session could start a fresh one, and leave behind what the guard knows of the last. On the
 * owner's socket whoever asks is the owner.
 */
const mayName = (grant: Grant | undefined): boolean =>
  grant === undefined || parseAddress(grant.actor).kind === 'person'
