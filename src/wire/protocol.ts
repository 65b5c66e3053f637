// What both ends of a connection agree on before anything else: the names, the limits, and which versions talk to each other.
import { z } from 'zod'
import type { ProjectView } from '../fabric/index.ts'
import { FabricError } from '../foundation/index.ts'

/** Of the websocket handshake; a change that an older end can't read gets another number. */
export const SUBPROTOCOL = 'ifab.1'
/** Where the websocket is served. */
export const WIRE_PATH = '/wire'

export const LIMITS = {
  /** Bytes of one message. */
  messageBytes: 8 * 1024 * 1024,
  /** Levels of arrays and objects in an argument. */
  depth: 200,
  /** Requests of the other end that are under way at the same time. */
  served: 10_000,
  /** Own requests that are under way; more wait for their turn. */
  asked: 8_192,
  /** Bytes that the other end has not taken; a reader that is so far behind is cut off. */
  unreadBytes: 64 * 1024 * 1024,
  /** Items of a stream that are on their way before the reader asks for more. */
  streamItems: 256,
  /** Elements of an answered array in one message. */
  answerItems: 500,
  beatMs: 1_000,
  silenceMs: 10_000,
  helloMs: 5_000,
  /** From saying goodbye to the end of the connection. */
  partingMs: 1_000,
} as const

/** Codes with which a connection is closed. */
export const CLOSE = {
  done: 1000,
  /** The daemon ends or restarts: connect again later. */
  restart: 1012,
  badFrame: 1008,
  tooSlow: 4408,
  silence: 4409,
  /** The token was revoked or has expired. */
  token: 4401,
} as const

/** The first request of a client. */
export const helloSchema = z.strictObject({
  protocol: z.literal(SUBPROTOCOL),
  version: z.string().max(64),
  /** Default: the token's actor, on the owner's socket the person whom the daemon runs as. */
  actor: z.string().max(300).optional(),
  session: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,199}$/, 'expected letters, digits, dots, underscores and hyphens')
    .optional(),
  why: z.string().max(4_096).optional(),
  /** True or the trace id: answers bring the spans that came meanwhile. */
  trace: z.union([z.literal(true), z.string().regex(/^[0-9a-f]{32}$/)]).optional(),
})

export type Hello = z.output<typeof helloSchema>

/** The answer to it. */
export interface Welcome {
  version: string
  home: string
  actor: string
  session: string
  traceId: string
  /** That the daemon was started in. */
  project?: ProjectView
}

/** Refuses another major version, and a minor one that is further than one away. */
export function checkVersions({ client, daemon }: { client: string; daemon: string }): void {
  const [mine, theirs] = [client, daemon].map((text) => /^(\d+)\.(\d+)\./.exec(text)?.slice(1).map(Number))
  if (mine && theirs && mine[0] === theirs[0] && Math.abs((mine[1] ?? 0) - (theirs[1] ?? 0)) <= 1) return
  throw new FabricError('IF_ERR_VERSION_MISMATCH', `the daemon is version ${daemon}, this client is ${client}`, {
    hint: 'They work together when they are at most one minor version apart: bring the older one up to date and start it again.',
    details: { client, daemon },
  })
}
