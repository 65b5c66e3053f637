// One run of a module's guest: what it is granted, what it may keep, what it has done. Run by a person an agent acts as
// `if://agent/<its id>` in a session of its own; run by anybody else it acts as that one, so that nobody gains by it. Each
// call is a plan and a run like anybody's: judged, paid for, witnessed. What a run holds instead of secrets are handles
// that end with it, with the claim that it runs for, or after minutes.
import type { GuestHost, LoadedModule } from '../chassis/index.ts'
import { FabricError, optional, timestamp, toFabricError, ulid } from '../foundation/index.ts'
import type { TaskClaim } from '../pipeline/index.ts'
import type { Composition } from './acting.ts'
import { callFor, grantAll } from './module-call.ts'
import { moduleKv } from './module-kv.ts'
import type { ModuleCall, ModuleRun, RunModule } from './modules-port.ts'
import type { Fabric } from './port.ts'

export interface ModuleRunParts {
  parts: Composition
  /** The face of an actor on other parts. */
  faceOf: (parts: Composition) => Fabric
  /** Calls back when a claim has ended; returns how to stop that. */
  onClaimEnd: (claim: TaskClaim, ended: () => void) => Promise<() => void>
}

const MOST_LOG_LINES = 1_000

/** Runs it; what the guest does wrong is thrown with what it had done until then in `details.calls`. */
export async function runGuest(of: ModuleRunParts, module: LoadedModule, how: RunModule): Promise<ModuleRun> {
  const { parts, faceOf, onClaimEnd } = of
  const { chassis, credentials, clock } = parts
  const id = ulid()
  const { export: asked = module.description.kind === 'agent' ? 'execute' : 'describe', input = null, claim } = how
  const log: ModuleRun['log'] = []
  const calls: ModuleCall[] = []
  const ending = new AbortController()
  const signal = AbortSignal.any([ending.signal, ...(how.signal ? [how.signal] : [])])
  const endedClaim = () => {
    if (claim) credentials.revokeClaim({ task: claim.task, token: claim.token })
    ending.abort(claimEnded(claim))
  }
  const stop = claim ? await onClaimEnd(claim, endedClaim) : () => undefined
  const started = clock.monotonic()
  let failure: FabricError | undefined
  let ranMs: number | undefined
  let refusal: FabricError | undefined
  const onFailure = (error: FabricError) => {
    refusal = error
  }
  try {
    const granted = await grantAll(parts, id, module, how)
    const host: GuestHost = {
      call: (intent, aborted) =>
        callFor(
          parts,
          faceOf,
          { id, module, how, calls, granted, onFailure, signal: AbortSignal.any([signal, aborted]) },
          intent,
        ),
      kv: moduleKv(parts.store, module.id),
      log: (level, text) => {
        if (log.length < MOST_LOG_LINES) log.push({ level, text })
      },
    }
    const ran = await chassis.run({
      module,
      export: asked,
      input,
      host,
      ...optional('timeoutMs', how.timeoutMs),
      ...optional('fresh', how.fresh),
      signal,
    })
    const { version, digest } = module
    const { output, usage, wallMs } = ran
    ranMs = wallMs
    return { id, module: { id: module.id, version, digest }, export: asked, output, usage, wallMs, calls, log }
  } catch (thrown) {
    const error = ending.signal.aborted ? claimEnded(claim) : endedBy(toFabricError(thrown), refusal)
    failure = withDone(error, id, calls, log)
    throw failure
  } finally {
    stop()
    credentials.revokeHolder(id)
    parts.noteModule(module, { failure, wallMs: ranMs ?? clock.monotonic() - started })
    await witnessRun(parts, { id, module, asked, calls, failure, claim })
  }
}

/** A guest that lets a refused call end it is not at fault: what was refused is what people need to know. */
function endedBy(error: FabricError, refusal: FabricError | undefined): FabricError {
  if (error.code !== 'IF_ERR_MODULE_FAILED' || !refusal || !error.message.includes(refusal.message)) return error
  return new FabricError(refusal.code, error.message, {
    ...optional('hint', refusal.hint),
    ...optional('next', refusal.next),
    details: { ...refusal.details },
    cause: error,
  })
}

function withDone(error: FabricError, run: string, calls: ModuleCall[], log: ModuleRun['log']): FabricError {
  return new FabricError(error.code, error.message, {
    ...optional('hint', error.hint),
    ...optional('next', error.next),
    details: { ...error.details, moduleRun: run, calls, log: log.slice(-20) },
    cause: error,
  })
}

async function witnessRun(
  { store, clock, acting, logger }: Composition,
  of: {
    id: string
    module: LoadedModule
    asked: string
    calls: ModuleCall[]
    failure: FabricError | undefined
    claim: TaskClaim | undefined
  },
): Promise<void> {
  const { id, module, asked, calls, failure, claim } = of
  const entry = {
    kind: 'module.run',
    at: timestamp(clock.now()),
    actor: acting.actor,
    session: acting.session,
    outcome: failure ? 'failed' : 'done',
    detail: {
      run: id,
      module: module.id,
      version: module.version,
      digest: module.digest,
      export: asked,
      calls: calls.length,
      ...optional('error', failure?.code),
      ...optional('task', claim?.task),
    },
  }
  await store.commit([], [entry]).catch((thrown: unknown) => {
    // What it did at providers is on record already; the guest's answer isn't taken back for this.
    logger.warn('the run of a module is not in the log', { module: module.id, reason: toFabricError(thrown).message })
  })
}

const claimEnded = (claim: TaskClaim | undefined): FabricError =>
  new FabricError('IF_ERR_CLAIM_LOST', `the claim of ${claim?.task} that the module ran for has ended`, {
    hint: 'Who holds the task now runs it again.',
  })
