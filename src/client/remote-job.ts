// One claim that a handler works on here, while the coordinator is at the other end of a connection.
import type { BlockInput, Claim, Work } from '../coordinator/index.ts'
import { FabricError, isFabricError } from '../foundation/index.ts'

/** How the holder ends its claim, as the call that says so. */
export interface Ending {
  readonly call: string
  readonly args: readonly unknown[]
  /** It may have arrived before: then the claim has ended by it. */
  wasSaid: boolean
  resolve(): void
  reject(error: unknown): void
}

export interface JobLinks {
  /** Says the end until it is answered, over however many connections. */
  end(job: RemoteJob, call: string, args: readonly unknown[]): Promise<void>
  isCurrent(task: string, token: number): Promise<boolean>
}

export class RemoteJob implements Work {
  readonly claim: Claim
  readonly #links: JobLinks
  readonly #abort = new AbortController()
  ending: Ending | undefined
  #isOver = false

  constructor(claim: Claim, links: JobLinks) {
    this.claim = claim
    this.#links = links
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Whether a handler still works on it. */
  get isRunning(): boolean {
    return !this.#isOver && this.ending === undefined
  }

  async isCurrent(): Promise<boolean> {
    return this.#isOver ? false : this.#links.isCurrent(this.claim.task.id, this.claim.token)
  }

  async block(blocker: BlockInput): Promise<void> {
    this.#checkRunning()
    await this.#say('coordinator.block', blocker)
    this.lose()
  }

  async release(note?: string): Promise<void> {
    this.#checkRunning()
    this.over(new FabricError('IF_ERR_CANCELLED', note ?? 'the claim was given back'))
    await this.#say('coordinator.release', note === undefined ? {} : { note })
  }

  /** Runs the handler to its end and says how that was. Never rejects. */
  async run(handler: (claim: Claim, work: Work) => unknown): Promise<void> {
    try {
      const result = await handler(this.claim, this)
      if (this.isRunning) await this.#say('coordinator.complete', result ?? null)
    } catch (thrown) {
      if (!this.isRunning) return // refused or lost, which its signal has said
      // Whoever claims it next decides; nobody here can do more.
      await this.#say('coordinator.fail', errorOf(thrown), { mayRetry: mayRetry(thrown) }).catch(() => undefined)
    }
  }

  /** The claim is another's, or nobody's. */
  lose(): void {
    const { task, token } = this.claim
    this.over(new FabricError('IF_ERR_CLAIM_LOST', `the claim of task ${task.id} with token ${token} has ended`))
  }

  over(reason: FabricError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#abort.abort(reason)
  }

  #say(call: string, ...args: unknown[]): Promise<void> {
    return this.#links.end(this, call, [this.claim.task.id, this.claim.token, ...args])
  }

  #checkRunning(): void {
    if (this.isRunning) return
    const { task, token } = this.claim
    throw new FabricError('IF_ERR_CLAIM_LOST', `token ${token} of task ${task.id} doesn't hold: its work has ended`)
  }
}

/** As much as a task keeps of it. */
const MAX_MESSAGE = 4_096

function errorOf(thrown: unknown): { code: string; message: string } {
  if (isFabricError(thrown)) return { code: thrown.code, message: thrown.message.slice(0, MAX_MESSAGE) }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'IF_ERR_ACTION_FAILED', message: message.slice(0, MAX_MESSAGE) }
}

const mayRetry = (thrown: unknown): boolean => !isFabricError(thrown) || thrown.retryable
