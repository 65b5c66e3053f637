// A fabric at the other end of a connection, as if the home were open in this process. Files that a caller names are read here:
// a daemon opens no path for the holder of a token.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AddInstance, Fabric, FabricStream, SecretInput, ServedTwins, ServeTwins } from '../fabric/index.ts'
import { FabricError, optional, type Span } from '../foundation/index.ts'
import type { Plan } from '../runs/index.ts'
import { FABRIC_METHODS, type RemoteFabricMethod, type Welcome } from '../wire/index.ts'
import type { Connection } from './connection.ts'
import { callRemote } from './remote-call.ts'
import { remoteCoordinator } from './remote-coordinator.ts'
import { isLocal, type Target } from './target.ts'

export interface RemoteFabricParts {
  connection: Connection
  target: Target
  welcome: Welcome
  spans: readonly Span[]
  /** Where the daemon's home can be opened here too: what must run in the caller's process does. */
  home: string | undefined
  env: Record<string, string | undefined>
}

export function remoteFabric(parts: RemoteFabricParts): Fabric {
  const { connection, target, welcome } = parts
  const { home, actor, session, traceId, version, project } = welcome
  const coordinator = remoteCoordinator(connection)
  const served = new Set<ServedTwins>()
  const calls = callsOf(connection)
  const local = isLocal(target)
  const apply: Fabric['apply'] = (plan, how) => calls.apply(nameOf(plan), how)
  return {
    ...calls,
    home,
    way: { kind: 'daemon', address: target.text, version, context: target.context, isLocal: local },
    ...optional('project', project),
    actor,
    session,
    trace: { traceId, spans: parts.spans },

    addInstance: (add) => calls.addInstance(here(add, local)),
    setSecret: (instance, name, secret) => calls.setSecret(instance, name, pathHere(secret, local)),
    testSecret: (instance, name, secret, how) => calls.testSecret(instance, name, pathHere(secret, local), how),
    planPlaybook: async (file, inputs, how = {}) =>
      calls.planPlaybook(file, inputs, { ...how, text: how.text ?? (await readPlaybook(file)) }),
    falsify: (plan, how) => calls.falsify(nameOf(plan), how),
    apply,
    stream: (intent, how) =>
      later(async () => {
        const { streamOf } = await import('../fabric/index.ts')
        return streamOf({ plan: calls.plan, apply }, intent, how)
      }),

    coordinator: async () => coordinator.port,

    async serveTwins(serve) {
      const twins = await serveTwinsHere(parts, serve)
      served.add(twins)
      return {
        ...twins,
        close: () => {
          served.delete(twins)
          return twins.close()
        },
      }
    },

    async close() {
      await coordinator.close()
      await Promise.all([...served].map((twins) => twins.close()))
      connection.close()
    },
  }
}

const callsOf = (connection: Connection): Pick<Fabric, RemoteFabricMethod> =>
  Object.fromEntries(
    Object.entries(FABRIC_METHODS).map(([name, method]) => [
      name,
      (...args: unknown[]) => callRemote(connection, `fabric.${name}`, method, args),
    ]),
  ) as unknown as Pick<Fabric, RemoteFabricMethod> // the table has a row for each of them, with its arguments

/** A stream that is opened when somebody reads it: the fabric room is loaded only where it is needed. */
function later(open: () => Promise<FabricStream>): FabricStream {
  const opened = open()
  const run = opened.then((stream) => stream.run)
  run.catch(() => undefined) // who reads is told as well
  return {
    run,
    async *[Symbol.asyncIterator]() {
      yield* await opened
    },
  }
}

/** What travels of a plan: the daemon has the rest. */
const nameOf = ({ id, digest }: Plan): Plan => ({ id, digest }) as Plan // read as a name by the table of methods

/** A path means the same to the daemon as here. */
function pathHere(secret: SecretInput, local: boolean): SecretInput {
  return secret.kind === 'file' && local ? { kind: 'file', path: resolve(secret.path) } : secret
}

function here({ secrets, ...add }: AddInstance, local: boolean): AddInstance {
  if (!secrets) return add
  const resolved = Object.entries(secrets).map(([name, secret]) => [name, pathHere(secret, local)] as const)
  return { ...add, secrets: Object.fromEntries(resolved) }
}

async function readPlaybook(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new FabricError('IF_ERR_NOT_FOUND', `${file}: there is no such file`, { cause })
    throw new FabricError('IF_ERR_INVALID_FILE', `${file}: cannot be read (${cause.code})`, { cause })
  })
}

/** Twins live as long as whoever serves them, so never in the daemon. */
async function serveTwinsHere({ home, env }: RemoteFabricParts, serve: ServeTwins): Promise<ServedTwins> {
  if (home === undefined) {
    throw new FabricError(
      'IF_ERR_UNSUPPORTED',
      'twins are served on the machine of the home, not through a daemon elsewhere',
      {
        hint: 'Run `ifab twin up` there, or in a home of your own.',
      },
    )
  }
  const { openFabric: openHome } = await import('../fabric/index.ts')
  const fabric = await openHome({ home, env })
  try {
    const twins = await fabric.serveTwins(serve)
    return {
      ...twins,
      async close() {
        await twins.close()
        await fabric.close()
      },
    }
  } catch (thrown) {
    await fabric.close()
    throw thrown
  }
}
