// A home served: on a Unix socket to its owner, on loopback to who has a token. One process at a time serves a home; it says
// where in `daemon.json`, takes in nobody before all is open, and ends without losing what it was told.
import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import type { CoordinatorPort } from '../coordinator/index.ts'
import { type FabricHost, type Grant, type HookReceiver, openHost } from '../fabric/index.ts'
import {
  FabricError,
  type Home,
  homeAt,
  type Logger,
  type LogLevel,
  optional,
  prepareHome,
  readConfig,
  systemClock,
  timestamp,
} from '../foundation/index.ts'
import { type Channel, CLOSE, type DaemonRecord, daemonFile, readDaemonFile } from '../wire/index.ts'
import { Front } from './front.ts'
import { type HomeLock, lockHome } from './home-lock.ts'
import { HookDoor } from './hook-door.ts'
import { closeServer, listenOnPort, listenOnSocket } from './listen.ts'
import { openLog } from './log.ts'
import { Session } from './session.ts'
import { socketPath } from './socket-path.ts'
import { endsError } from './worker-desk.ts'

export interface DaemonOptions {
  /** Default IFAB_HOME, else ~/.ifab. Made when absent. */
  home?: string
  /** On 127.0.0.1. Default 7420; 0 takes a free one. */
  port?: number
  /** Where vendors reach it, through a proxy or tunnel. Default `publicUrl` of config.yaml. */
  publicUrl?: string
  env?: Record<string, string | undefined>
  /** Of lines in the home's log. Default `info`, or `debug` where the home's config says so. */
  logLevel?: LogLevel
  /** A host that is open already; closed with the daemon. Default: the home is opened. */
  host?: FabricHost
}

/** A daemon that serves. */
export interface Daemon {
  readonly home: string
  /** Path of the Unix socket. */
  readonly socket: string
  /** `http://127.0.0.1:7420`. */
  readonly url: string
  readonly pid: number
  /** Takes no new work, waits for what runs, hands back the rest and ends. A second call waits for the first. */
  close(options?: CloseOptions): Promise<void>
  /** Resolves when it has ended, by whoever's doing. */
  readonly closed: Promise<void>
}

export interface CloseOptions {
  /** How long runs and workers may finish what they do, milliseconds. Default 10,000; 0 hands back at once. */
  withinMs?: number
  /** Called once where something is under way: tasks that workers have begun, and calls that aren't answered. */
  onWait?: (what: { tasks: number; calls: number; connections: number }) => void
}

export const DEFAULT_PORT = 7420
const WITHIN_MS = 10_000
/** For answers that are on their way when everything else has ended. */
const LAST_WORDS_MS = 1_000
const REVOKED = 'the token was revoked'

/** Serves a home until it is closed. IF_ERR_ALREADY_EXISTS when another process serves it, or has the port. */
export async function openDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const env = options.env ?? process.env
  const home = homeAt(options.home ?? options.host?.home, env)
  await prepareHome(home)
  const lock = lockHome(home.path)
  if (!lock) throw await servedAlready(home.path)
  const daemon = new OpenDaemon(home, lock, socketPath(home.path))
  try {
    await daemon.open({ ...options, env })
  } catch (thrown) {
    await daemon.close({ withinMs: 0 })
    throw thrown
  }
  return daemon
}

class OpenDaemon implements Daemon {
  readonly home: string
  readonly socket: string
  readonly pid = process.pid
  readonly closed: Promise<void>
  readonly #home: Home
  readonly #lock: HomeLock
  readonly #front: Front
  readonly #web
  readonly #owner
  readonly #sessions = new Set<Session>()
  /** Tokens that were, since the daemon has started. */
  readonly #revoked = new Set<string>()
  /** Nothing new is begun. */
  readonly #ending = new AbortController()
  /** What runs has had its time. */
  readonly #givingUp = new AbortController()
  #withinMs = WITHIN_MS
  #port = 0
  #receive: HookReceiver | undefined
  #host: FabricHost | undefined
  #open: { host: FabricHost; coordinator: CoordinatorPort } | undefined
  #logger: Logger | undefined
  #closeLog = () => {}
  #closing: Promise<void> | undefined
  #hasClosed = () => {}

  constructor(home: Home, lock: HomeLock, socket: string) {
    this.home = home.path
    this.socket = socket
    this.#home = home
    this.#lock = lock
    this.closed = new Promise((resolve) => {
      this.#hasClosed = resolve
    })
    const hooks = new HookDoor({
      clock: systemClock,
      logger: () => this.#logger,
      receiver: () => this.#whenReceiving(),
    })
    this.#front = new Front({
      hooks: (request, response) => hooks.answer(request, response),
      logger: () => this.#logger,
      checkOpen: () => void this.#whenOpen(),
      checkReady: async () => void (await this.#whenOpen().coordinator.probe()),
      authenticate: (token) => this.#whenOpen().host.authenticate(token),
      enter: (channel, grant) => this.#enter(channel, grant),
    })
    this.#web = this.#front.server('web')
    this.#owner = this.#front.server('owner')
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async open({ port = DEFAULT_PORT, publicUrl, env, logLevel, host }: DaemonOptions): Promise<void> {
    this.#port = await listenOnPort(this.#web, port)
    const config = await readConfig(this.#home.config)
    const log = openLog({ home: this.home, level: logLevel ?? (config.logLevel === 'debug' ? 'debug' : 'info') })
    this.#closeLog = log.close
    const opened = host ?? (await openHost({ home: this.home, ...optional('env', env), logger: log.logger }))
    this.#host = opened
    this.#logger = host ? log.logger : opened.logger
    this.#open = { host: opened, coordinator: await opened.coordinator() }
    await opened.escalate()
    this.#receive = opened.receiveHooks({ localUrl: this.url, ...optional('publicUrl', publicUrl) })
    await listenOnSocket(this.#owner, this.socket, this.home)
    await this.#announce(opened.version)
    void this.#followRevocations(opened)
    this.#logger.info('the daemon serves', {
      url: this.url,
      socket: this.socket,
      pid: this.pid,
      version: opened.version,
    })
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#shutDown(options).finally(() => this.#hasClosed())
    return this.#closing
  }

  async #shutDown({ withinMs = WITHIN_MS, onWait }: CloseOptions): Promise<void> {
    this.#logger?.info('the daemon ends', { connections: this.#sessions.size })
    this.#withinMs = withinMs
    this.#ending.abort(endsError())
    // From now on the command opens the home itself.
    if (this.#host) await rm(daemonFile(this.home), { force: true })
    await new Promise((resolve) => setImmediate(resolve)) // what only listens ends by itself
    const underWay = this.#underWay()
    if (underWay.tasks + underWay.calls > 0) onWait?.(underWay)
    await this.#drain(withinMs)
    try {
      await this.#host?.close({ drain: 'hand-back' })
    } finally {
      for (const session of this.#sessions) session.peer.close(CLOSE.restart, endsError())
      await Promise.all([closeServer(this.#web), closeServer(this.#owner)])
      await rm(this.socket, { force: true })
      this.#logger?.info('the daemon has ended')
      this.#closeLog()
      this.#lock.release()
    }
  }

  #underWay(): { tasks: number; calls: number; connections: number } {
    const sum = (of: (session: Session) => number) => [...this.#sessions].reduce((total, one) => total + of(one), 0)
    return { tasks: sum(({ tasks }) => tasks), calls: sum(({ calls }) => calls), connections: this.#sessions.size }
  }

  async #drain(withinMs: number): Promise<void> {
    const settled = new AbortController()
    const all = Promise.all([...this.#sessions].map(({ peer }) => peer.settled())).then(() => settled.abort())
    const wait = (ms: number) => systemClock.sleep(ms, settled.signal).catch(() => undefined) // settled
    await wait(withinMs)
    this.#givingUp.abort(endsError())
    await Promise.race([all, wait(LAST_WORDS_MS)])
    settled.abort()
  }

  #whenOpen(): { host: FabricHost; coordinator: CoordinatorPort } {
    if (this.#ending.signal.aborted) throw endsError()
    if (this.#open) return this.#open
    throw new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'the daemon is starting', { hint: 'Try again in a moment.' })
  }

  #whenReceiving(): HookReceiver {
    this.#whenOpen()
    if (this.#receive) return this.#receive
    throw new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'the daemon is starting', { hint: 'Try again in a moment.' })
  }

  #enter(channel: Channel, grant: Grant | undefined): void {
    if (!this.#open) {
      channel.cut() // nobody is let in before
      return
    }
    const session = new Session(channel, {
      ...this.#open,
      grant,
      ending: { signal: this.#ending.signal, withinMs: () => this.#withinMs },
      givingUp: this.#givingUp.signal,
      closed: (closed) => this.#sessions.delete(closed),
    })
    this.#sessions.add(session)
    // Between the look at the token and now.
    if (grant && this.#revoked.has(grant.id)) session.revoke(REVOKED)
  }

  async #followRevocations(host: FabricHost): Promise<void> {
    try {
      for await (const id of host.revocations({ signal: this.#ending.signal })) {
        this.#revoked.add(id)
        for (const session of this.#sessions) if (session.tokenId === id) session.revoke(REVOKED)
      }
    } catch (thrown) {
      if (!this.#ending.signal.aborted)
        this.#logger?.error('revoked tokens can no longer be followed', { error: String(thrown) })
    }
  }

  /** Whoever reads meanwhile sees no file or the whole one. */
  async #announce(version: string): Promise<void> {
    const { pid, socket, url } = this
    const record: DaemonRecord = { pid, socket, url, version, startedAt: timestamp(Date.now()) }
    const fresh = `${daemonFile(this.home)}.${randomUUID()}`
    await writeFile(fresh, `${JSON.stringify(record)}\n`, { mode: 0o600 })
    await rename(fresh, daemonFile(this.home))
  }
}

async function servedAlready(home: string): Promise<FabricError> {
  const record = await readDaemonFile(home)
  const where = record ? `process ${record.pid} at ${record.url}` : 'another process, which is starting or ending'
  return new FabricError('IF_ERR_ALREADY_EXISTS', `${home} is served already by ${where}`, {
    hint: record ? 'Commands use it by themselves; to end it, send it SIGTERM.' : 'Try again in a moment.',
    details: { home, ...record },
  })
}
