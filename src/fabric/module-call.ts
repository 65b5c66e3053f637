// What a module's guest asks for, through the same door as everybody's: under a handle that its run was granted, as a plan
// and a run, or a read, of its own. The handle is asked when the call begins and again where the secret would be opened.
import { z } from 'zod'
import { operationOf, originsOf } from '../adapter/index.ts'
import type { LoadedModule } from '../chassis/index.ts'
import {
  describeIssue,
  FabricError,
  formatPath,
  type JsonObject,
  type JsonValue,
  optional,
  parseAddress,
  toFabricError,
} from '../foundation/index.ts'
import type { CredentialUse } from '../vault/index.ts'
import { actAs, type Composition } from './acting.ts'
import { layered } from './layered.ts'
import type { ModuleCall, ModuleGrant, RunModule } from './modules-port.ts'
import type { Fabric } from './port.ts'

/** A grant of a run, with the handle that stands for it. */
export interface Granted {
  instance: string
  handle: string
}

export interface RunningModule {
  /** Id of the run: who holds its handles. */
  id: string
  module: LoadedModule
  how: RunModule
  granted: Granted[]
  /** What it has had done; grows. */
  calls: ModuleCall[]
  /** Told of what a call was refused or failed with. */
  onFailure: (error: FabricError) => void
  signal: AbortSignal
}

const wish = z.strictObject({
  instance: z.string(),
  operation: z.string(),
  input: z.record(z.string(), z.json()).default({}),
  /** A handle; left out, the first of the run's own that fits. */
  credential: z.string().optional(),
  why: z.string().optional(),
})
type Wish = Omit<z.output<typeof wish>, 'input'> & { input: JsonObject }

const TTL_MAX_MS = 3_600_000

/** A handle a grant. A guest has no use for them: what it calls without one goes under what its run was granted. */
export async function grantAll(
  parts: Composition,
  holder: string,
  module: LoadedModule,
  { grants = [], claim, timeoutMs }: RunModule,
): Promise<Granted[]> {
  const longestMs = module.contract.resource_requirements.max_execution_time_seconds * 1_000
  const ttlMs = Math.min(TTL_MAX_MS, Math.max(1, timeoutMs ?? longestMs))
  const granted: Granted[] = []
  for (const grant of grants) {
    const { instance, operations, endpoints = await everyEndpoint(parts, grant) } = grant
    const lasting = { ...optional('claim', claim), ttlMs }
    const { handle } = parts.credentials.issue({ instance, operations, endpoints, holder, ...lasting })
    granted.push({ instance, handle })
  }
  return granted
}

async function everyEndpoint(parts: Composition, { instance: name }: ModuleGrant): Promise<string[]> {
  const instance = await parts.instanceOf(name)
  const { definition } = await parts.providerOf(instance.provider)
  return originsOf(definition, instance).map((origin) => `${origin}/**`)
}

/** Carries a wish out; answers with the operation's result and the id of its run, null for a read. */
export async function callFor(
  parts: Composition,
  faceOf: (parts: Composition) => Fabric,
  running: RunningModule,
  asked: JsonValue,
): Promise<JsonValue> {
  const wished = wishOf(asked)
  const instance = await parts.instanceOf(wished.instance)
  const entry = operationOf(await parts.providerOf(instance.provider), wished.operation)
  const call: ModuleCall = { instance: instance.name, operation: entry.id, run: null, state: 'failed', error: null }
  running.calls.push(call)
  try {
    const face = faceOf(underHandle(parts, running, { ...wished, operation: entry.id }))
    try {
      return await perform(parts, face, running, call, { wished, isRead: entry.effect === 'read' })
    } finally {
      await face.close()
    }
  } catch (thrown) {
    const error = toFabricError(thrown)
    call.error = error.code
    running.onFailure(error)
    throw error
  }
}

async function perform(
  { acting }: Composition,
  face: Fabric,
  { how, signal }: RunningModule,
  call: ModuleCall,
  { wished, isRead }: { wished: Wish; isRead: boolean },
): Promise<JsonValue> {
  const intent = { instance: call.instance, operation: call.operation, input: wished.input }
  const onBehalfOf = acting.actor
  if (isRead) {
    const { result } = await face.call(intent, { onBehalfOf, signal })
    call.state = 'done'
    return { result, run: null }
  }
  const plan = await face.plan(intent, { onBehalfOf })
  const run = await face.apply(plan, { signal, ...optional('claim', how.claim) })
  call.run = run.id
  call.state = run.state
  const [receipt] = run.receipts
  if (run.state === 'done' && receipt) return { result: receipt.result, run: run.id }
  const error = run.steps[0]?.error
  const code = (error?.code ?? 'IF_ERR_RUN_FAILED') as FabricError['code'] // of a record that we wrote
  throw new FabricError(code, error?.message ?? `run ${run.id} ended ${run.state}`, { details: { run: run.id } })
}

/** The parts as the guest acts with them: its handle stands before every secret. */
function underHandle(parts: Composition, running: RunningModule, wished: Wish): Composition {
  const { id: holder, module, how } = running
  const { credentials } = parts
  const use: CredentialUse = {
    holder,
    instance: wished.instance,
    operation: wished.operation,
    ...optional('claim', how.claim),
  }
  const handle = wished.credential ?? fittingHandle(parts, running, use)
  credentials.check(handle, use)
  const secretsOf: Composition['secretsOf'] = (instance, provider) =>
    credentials.guard(handle, parts.secretsOf(instance, provider), use)
  return actAs(layered(parts, { secretsOf }), {
    ...whoIn(parts, module, holder),
    ...optional('why', wished.why ?? how.why ?? parts.acting.why),
  })
}

/** Of what the run was granted for the instance, the first that covers the operation. */
function fittingHandle({ credentials }: Composition, { granted, module }: RunningModule, use: CredentialUse): string {
  const own = granted.filter(({ instance }) => instance === use.instance)
  const last = own.at(-1)
  if (!last) throw noCredential(module, use.instance)
  const fits = own.find(({ handle }) => {
    try {
      return credentials.check(handle, use)
    } catch {
      return false // the check of the last one tells why
    }
  })
  return (fits ?? last).handle
}

/** Itself, in a session of its own, where a person runs it; else who runs it, with what that session has touched. */
function whoIn({ acting }: Composition, module: LoadedModule, run: string) {
  if (parseAddress(acting.actor).kind !== 'person') {
    const { actor, session, swarm } = acting
    return { actor, session, ...optional('swarm', swarm) }
  }
  return {
    actor: `if://agent/${module.id}`,
    session: `module-${run.toLowerCase()}`,
    swarm: module.contract.swarm_id,
  }
}

function wishOf(asked: JsonValue): Wish {
  const parsed = wish.safeParse(asked)
  if (parsed.success) return parsed.data as Wish // JSON by its schema
  const [issue] = parsed.error.issues
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `the call's ${formatPath(issue?.path ?? []) || 'intent'}: ${issue ? describeIssue(issue) : 'wrong'}`,
    { hint: 'A call is {instance, operation, input}.' },
  )
}

const noCredential = ({ id }: LoadedModule, instance: string): FabricError =>
  new FabricError('IF_ERR_CREDENTIAL_DENIED', `${id} calls ${instance}, which its run was not granted`, {
    hint: 'Grant it what it needs: ifab chassis run … --grant INSTANCE:OPERATIONS.',
  })
