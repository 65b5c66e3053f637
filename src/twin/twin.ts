// A twin: a provider served on loopback from its own definition, for rehearsal and tests. It decodes bytes itself,
// checks credentials that exist for it alone, remembers what was made, honours idempotency keys, shows faults on demand.
// A twin proves nothing alone; the vendor's own client or description in front of it does.
import { definedOperations, type LoadedProvider, type ProviderDefinition, type TwinCall } from '../adapter/index.ts'
import {
  type Clock,
  FabricError,
  type JsonObject,
  type Logger,
  type RandomBytes,
  Redactor,
  silentLogger,
  systemClock,
  systemRandom,
} from '../foundation/index.ts'
import { CallDesk, type TwinProblem } from './call-desk.ts'
import { CallLog, type TwinCalls, type TwinEffect } from './call-log.ts'
import { Credentials } from './credential.ts'
import { FaultDice } from './fault-dice.ts'
import type { InjectedFault } from './faults.ts'
import { KeyMemory } from './idempotency.ts'
import { IssuedTokens } from './issued-tokens.ts'
import { createListener, listen } from './listener.ts'
import { TwinMemory } from './memory.ts'
import { RouteTable } from './routes.ts'
import { twinSecrets } from './secrets.ts'
import { TwinSockets } from './sockets.ts'
import { openVendorDescription, type VendorDescription } from './vendor/index.ts'

export interface TwinOptions {
  provider: LoadedProvider | ProviderDefinition
  /** Default 0: any free one. */
  port?: number
  /** Folder of the vendors' descriptions, one folder a provider, or this vendor's, opened. Default: held against none. */
  specs?: string | VendorDescription
  /** Default none. */
  faults?: readonly InjectedFault[]
  /** Test secrets of an earlier run of this twin. Default: made up. */
  secrets?: Readonly<Record<string, string>>
  /** Default the system's. */
  clock?: Clock
  /** Of made-up secrets. Default the system's. */
  random?: RandomBytes
  /** Of the faults' probabilities. Default 1: the same calls meet the same faults. */
  seed?: number
  /** Default silent. */
  logger?: Logger
  /** Largest body and websocket message accepted. Default 8 MiB. */
  maxBodyBytes?: number
}

export interface Twin {
  /** `http://127.0.0.1:PORT`; stands in for the origin of the provider's addresses, their paths stay. */
  readonly url: string
  /** Id of the provider. */
  readonly provider: string
  readonly secrets: Readonly<Record<string, string>>
  readonly calls: TwinCalls
  /** What really happened, each thing once. */
  readonly effects: readonly TwinEffect[]
  /** Faults of the twin itself; a test that ends with any should fail. */
  readonly problems: readonly TwinProblem[]
  /** A copy of all that the twin remembers: collection → id → thing. */
  snapshot(): Record<string, Record<string, JsonObject>>
  /** A token that the twin takes from now on, as one that it handed out itself; for clients that are given theirs. */
  issue: TwinCall['issue']
  /** Replaces all faults. */
  setFaults(faults: readonly InjectedFault[]): void
  /** Cuts all connections and frees the port. */
  close(): Promise<void>
}

const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Starts a twin. Fails where the port is taken, a fault or secret does not fit the provider, or a description is broken. */
export async function openTwin(options: TwinOptions): Promise<Twin> {
  const definition = 'definition' in options.provider ? options.provider.definition : options.provider
  const { clock = systemClock, logger = silentLogger, random = systemRandom } = options
  const maxBytes = options.maxBodyBytes ?? MAX_BODY_BYTES
  const secrets = twinSecrets(definition, options.secrets ?? {}, random)
  const redactor = new Redactor()
  for (const secret of Object.values(secrets)) redactor.add(secret)
  const description = await descriptionOf(options.specs, definition)

  const routes = new RouteTable(definition)
  const memory = new TwinMemory()
  definition.twin.seed?.(memory.state)
  const dice = new FaultDice({ known: routes.operations, seed: options.seed ?? 1 })
  dice.load(options.faults ?? [])
  const tokens = new IssuedTokens({ clock, random, told: (token) => redactor.add(token) })
  const credentials = new Credentials({ secrets, tokens, now: () => clock.now() })
  const log = new CallLog(redactor)
  const closing = new AbortController()
  const { signal } = closing
  const { idempotency } = definition

  const desk = new CallDesk({
    definition,
    routes,
    memory,
    dice,
    credentials,
    tokens,
    keys:
      idempotency && !definition.twin.ownKeys
        ? new KeyMemory({ windowHours: idempotency.windowHours, clock })
        : undefined,
    description,
    log,
    clock,
    logger,
    signal,
    changed: (changes) => sockets?.notify(changes),
  })
  const protocol = definition.twin.socket
  const sockets = protocol
    ? new TwinSockets({
        protocol,
        memory,
        credentials,
        dice,
        operation: socketOperation(definition),
        log,
        clock,
        maxMessageBytes: maxBytes,
        signal,
        report: (operation, message) => desk.report(operation, message),
      })
    : undefined
  const server = createListener(desk, maxBytes)
  if (sockets) server.on('upgrade', (request, stream, head) => void sockets.upgrade(request, stream, head))
  const port = await listen(server, options.port ?? 0)

  return {
    url: `http://127.0.0.1:${port}`,
    provider: definition.id,
    secrets,
    calls: log,
    effects: desk.effects,
    problems: desk.problems,
    snapshot: () => memory.snapshot(),
    issue: tokens.issue,
    setFaults: (faults) => dice.load(faults),
    close: async () => {
      if (signal.aborted) return
      closing.abort(new FabricError('IF_ERR_CANCELLED', `the twin of ${definition.id} was closed`))
      sockets?.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function descriptionOf(
  specs: string | VendorDescription | undefined,
  provider: ProviderDefinition,
): Promise<VendorDescription | undefined> {
  return typeof specs === 'string' ? openVendorDescription(specs, provider) : specs
}

/** The operation that travels over the provider's websocket, where it has one. */
function socketOperation(definition: ProviderDefinition): string | undefined {
  return definedOperations(definition).find(
    ({ operation }) => operation.request(operation.examples[0].input).transport === 'websocket',
  )?.id
}
