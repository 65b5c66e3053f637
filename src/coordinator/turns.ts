// Whose turn it is, fair between swarms: each has a virtual time that grows with every task of it that is handed out,
// and the least goes first. Who was away doesn't save up turns: it begins at the time of those who are being served.

const PRUNED_AT = 1_024

export class Turns {
  readonly #times = new Map<string, number>()
  #now = 0
  #pruneAt = PRUNED_AT

  /** What the swarm has had; only grows. */
  of(swarm: string): number {
    return this.#times.get(swarm) ?? 0
  }

  /** Where a swarm begins that comes into a queue. */
  start(swarm: string): number {
    return Math.max(this.of(swarm), this.#now)
  }

  /** A task of the swarm was handed out when its time was `at`. */
  took(swarm: string, at = this.start(swarm)): void {
    this.#times.set(swarm, Math.max(this.of(swarm), at) + 1)
    if (at > this.#now) this.#now = at
    if (this.#times.size > this.#pruneAt) this.#prune()
  }

  /** Who is not ahead of the time needs no number. */
  #prune(): void {
    for (const [swarm, time] of this.#times) if (time <= this.#now) this.#times.delete(swarm)
    this.#pruneAt = Math.max(PRUNED_AT, 2 * this.#times.size)
  }
}
